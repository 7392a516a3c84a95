//! The Frechet distance between two sets of feature vectors.

use nalgebra::{DMatrix, DVector, SymmetricEigen};

/// Mean and covariance of feature vectors.
#[derive(Debug, Clone, PartialEq)]
pub struct Gaussian {
    mean: DVector<f64>,
    covariance: DMatrix<f64>,
}

impl Gaussian {
    /// The Gaussian that fits `features`, one row an item.
    ///
    /// # Panics
    /// If there are fewer than two items, or they differ in length.
    pub fn fit<T: AsRef<[f32]>>(features: &[T]) -> Self {
        assert!(features.len() >= 2, "a covariance needs two items");
        let (n, d) = (features.len(), features[0].as_ref().len());
        let mut mean = DVector::<f64>::zeros(d);
        for item in features {
            assert_eq!(item.as_ref().len(), d, "features have one length");
            for (sum, value) in mean.iter_mut().zip(item.as_ref()) {
                *sum += f64::from(*value) / n as f64;
            }
        }
        let centred = DMatrix::from_fn(n, d, |row, column| {
            f64::from(features[row].as_ref()[column]) - mean[column]
        });
        let covariance = centred.transpose() * &centred / (n as f64 - 1.0);
        Self { mean, covariance }
    }

    /// `|m1 - m2|^2 + tr(C1 + C2 - 2 (C1^1/2 C2 C1^1/2)^1/2)`, the squared 2-Wasserstein distance of
    /// the two Gaussians. Dowson and Landau 1982; as FID, Heusel et al. 2017, eq. 6
    /// (arXiv:1706.08500), on features of whoever calls: it is FID only on Inception's.
    ///
    /// # Panics
    /// If the two differ in length.
    pub fn distance(&self, other: &Self) -> f64 {
        let root = square_root(&self.covariance);
        let product = &root * &other.covariance * &root;
        let both: f64 = eigenvalues(product).map(f64::sqrt).sum();
        let traces = self.covariance.trace() + other.covariance.trace();
        ((&self.mean - &other.mean).norm_squared() + traces - 2.0 * both).max(0.0)
    }
}

/// The eigenvalues of a symmetric matrix that has no negative ones, rounding set right.
fn eigenvalues(matrix: DMatrix<f64>) -> impl Iterator<Item = f64> {
    let symmetric = (&matrix + matrix.transpose()) * 0.5;
    let values: Vec<f64> = symmetric
        .symmetric_eigenvalues()
        .iter()
        .map(|value| value.max(0.0))
        .collect();
    values.into_iter()
}

fn square_root(covariance: &DMatrix<f64>) -> DMatrix<f64> {
    let eigen = SymmetricEigen::new(covariance.clone());
    let roots = eigen.eigenvalues.map(|value| value.max(0.0).sqrt());
    &eigen.eigenvectors * DMatrix::from_diagonal(&roots) * eigen.eigenvectors.transpose()
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{Rng, SeedableRng};

    use super::*;

    fn uniform(n: usize, scales: [f32; 3], shift: f32, seed: u64) -> Vec<Vec<f32>> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut next = move || (rng.next_u32() >> 8) as f32 / (1 << 24) as f32 - 0.5;
        (0..n)
            .map(|_| scales.iter().map(|scale| scale * next() + shift).collect())
            .collect()
    }

    #[test]
    fn a_set_is_at_no_distance_from_itself() {
        let one = Gaussian::fit(&uniform(200, [1.0, 2.0, 3.0], 0.0, 1));
        assert!(one.distance(&one) < 1e-9);
    }

    #[test]
    fn independent_axes_add_up() {
        // Of a uniform variable of width s the deviation is s / sqrt(12); along each axis the
        // distance is the squared difference of means plus that of deviations.
        let one = Gaussian::fit(&uniform(40_000, [1.0, 2.0, 4.0], 0.0, 1));
        let two = Gaussian::fit(&uniform(40_000, [2.0, 2.0, 1.0], 0.5, 2));
        let expected = 3.0 * 0.25 + (1.0 + 0.0 + 9.0) / 12.0;
        assert!((one.distance(&two) - expected).abs() < 0.02);
        assert!((one.distance(&two) - two.distance(&one)).abs() < 1e-9);
    }

    #[test]
    fn correlated_sets_equal_scipys_value() {
        // Equivalent Python code:
        // a = np.array([[1,2],[2,1],[3,5],[4,3],[0,1]]); b = np.array([[2,0],[1,1],[0,2],[5,1],[3,3]])
        // ca, cb = np.cov(a.T), np.cov(b.T); d = a.mean(0) - b.mean(0)
        // d @ d + np.trace(ca + cb - 2 * scipy.linalg.sqrtm(ca @ cb)).real
        let a = [
            [1.0f32, 2.0],
            [2.0, 1.0],
            [3.0, 5.0],
            [4.0, 3.0],
            [0.0, 1.0],
        ];
        let b = [
            [2.0f32, 0.0],
            [1.0, 1.0],
            [0.0, 2.0],
            [5.0, 1.0],
            [3.0, 3.0],
        ];
        let distance = Gaussian::fit(&a).distance(&Gaussian::fit(&b));
        assert!((distance - GOLDEN).abs() < 1e-6, "{distance}");
    }

    const GOLDEN: f64 = 2.123_747_822_956_739;
}
