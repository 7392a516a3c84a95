//! What training minimizes.

use burn::tensor::activation::{log_sigmoid, log_softmax, sigmoid, softmax};
use burn::tensor::{Int, Tensor, assert_shape, s};

/// Flow matching's loss: the mean squared error of the velocity, weighted item by item.
///
/// # Shapes
/// - `velocity`, `target`: `[batch, c, h, w]`
/// - `weights`: `[batch]`
/// - output: `[1]`
pub fn flow_matching(velocity: Tensor<4>, target: Tensor<4>, weights: Tensor<1>) -> Tensor<1> {
    let [batch, ..] = velocity.dims();
    assert_shape!(weights, [batch]);
    let error = (velocity - target).square();
    (error
        .reshape([batch as i64, -1])
        .mean_dim(1)
        .reshape([batch])
        * weights)
        .mean()
}

/// Divergence of `N(mean, exp(log_var))` from the standard normal, averaged over all numbers:
/// `mean(mean^2 + exp(log_var) - 1 - log_var) / 2`. Kingma and Welling 2014, appendix B
/// (arXiv:1312.6114).
///
/// # Shapes
/// - `mean`, `log_var`: alike
/// - output: `[1]`
pub fn kl_divergence<const D: usize>(mean: Tensor<D>, log_var: Tensor<D>) -> Tensor<1> {
    (mean.square() + log_var.clone().exp() - log_var)
        .sub_scalar(1.0)
        .mean()
        .mul_scalar(0.5)
}

/// The same divergence of latents `[batch, d]`, summed over the latent's numbers, with free bits: a
/// number costs at least `free` nats on the mean over the batch, so that none is given up early.
/// Kingma et al. 2016, eq. 15 (arXiv:1606.04934), with groups of one number.
///
/// # Shapes
/// - `mean`, `log_var`: `[batch, d]`
/// - output: `[1]`
pub fn free_bits_divergence(mean: Tensor<2>, log_var: Tensor<2>, free: f64) -> Tensor<1> {
    let divergence = (mean.square() + log_var.clone().exp() - log_var).sub_scalar(1.0);
    divergence.mean_dim(0).mul_scalar(0.5).clamp_min(free).sum()
}

/// Weight of each class that balances them within a batch: `pixels / (count_c * classes present)`,
/// 0 for an absent class. The mean weight of a pixel is 1, and every class that is present has the
/// same share. ALDM (Li et al. 2024, arXiv:2401.08815) and OASIS write it
/// `numel / (count_c * present * N)` with `numel = pixels * N`.
///
/// # Shapes
/// - `labels`: `[batch, h, w]`, each below `n_classes`
/// - `ignored`: a class that counts as absent
/// - output: `[n_classes]`
pub fn class_balance(
    labels: Tensor<3, Int>,
    n_classes: usize,
    ignored: Option<usize>,
) -> Tensor<1> {
    let mut counts = one_hot(labels, n_classes).sum_dim(0).reshape([n_classes]);
    if let Some(class) = ignored {
        counts = counts.slice_fill(s![class..class + 1], 0.0);
    }
    let absent = counts.clone().equal_scalar(0.0);
    let present = absent.clone().bool_not().float().sum();
    let counted = counts.clone().sum();
    (counted / present / counts.mask_fill(absent.clone(), 1.0)).mask_fill(absent, 0.0)
}

/// L1 distance of pictures, `sum(weight * |a - b|) / sum(weight)`, in which a pixel weighs
/// [`class_balance`] to the power of `balance`: at 0 all pixels count alike, at 1 all classes. A plain mean
/// hardly sees what is small: of a thin leg, that it is lost costs less than a meadow's blades.
///
/// # Shapes
/// - `a`, `b`: `[batch, c, h, w]`
/// - `labels`: `[batch, h / 2, w / 2]`, each below `n_classes`
/// - output: `[1]`
pub fn balanced_distance(
    a: Tensor<4>,
    b: Tensor<4>,
    labels: Tensor<3, Int>,
    n_classes: usize,
    balance: f64,
) -> Tensor<1> {
    let [batch, _, h, w] = a.dims();
    let (h, w) = (h / 2, w / 2);
    assert_shape!(labels, [batch, h, w]);
    let weights = class_balance(labels.clone(), n_classes, None).powf_scalar(balance);
    let weights = of_pixels(weights, labels);
    let distance = (a - b).abs().mean_dim(1).reshape([batch, h, 2, w, 2]);
    let distance = distance.mean_dim(4).mean_dim(2).reshape([batch, h, w]);
    (distance * weights.clone()).sum() / weights.sum()
}

/// Each pixel's weight, `[batch, h, w]`, of its class's.
fn of_pixels(weights: Tensor<1>, labels: Tensor<3, Int>) -> Tensor<3> {
    let shape = labels.dims();
    weights
        .select(0, labels.reshape([shape.iter().product::<usize>()]))
        .reshape(shape)
}

/// 1 where a pixel is of a class, `[pixels, n_classes]`. Every pixel is held against every class: on a
/// GPU, adding up at an index that many pixels share is the work of a single thread.
fn one_hot(labels: Tensor<3, Int>, n_classes: usize) -> Tensor<2> {
    let classes = Tensor::<1, Int>::arange(0..n_classes as i64, &labels.device());
    let pixels = labels.shape().num_elements();
    labels
        .reshape([pixels, 1])
        .equal(classes.reshape([1, n_classes]))
        .float()
}

/// Class-balanced cross-entropy, the mean over pixels of `-weight[label] * log p(label)`, which is
/// the mean over the classes present of each one's mean cross-entropy. The supervision of ALDM and
/// OASIS; see [`class_balance`].
///
/// # Shapes
/// - `logits`: `[batch, channels, h, w]`; channels beyond the labels' classes ("fake") take part in
///   the softmax
/// - `labels`: `[batch, h, w]`
/// - output: `[1]`
pub fn balanced_cross_entropy(
    logits: Tensor<4>,
    labels: Tensor<3, Int>,
    ignored: Option<usize>,
) -> Tensor<1> {
    let n_classes = logits.dims()[1];
    let balance = class_balance(labels.clone(), n_classes, ignored);
    let weights = of_pixels(balance, labels.clone());
    pixel_cross_entropy(logits, labels, weights)
}

/// [`balanced_cross_entropy`] of which each item takes part with its own weight:
/// `sum(gate[item] * weight[label] * -log p(label)) / sum(weight[label])`. Classes are balanced over
/// the whole batch, so that a batch whose gates are nearly closed costs nearly nothing.
///
/// # Shapes
/// - `logits`: `[batch, channels, h, w]`
/// - `labels`: `[batch, h, w]`
/// - `gates`: `[batch]` in [0, 1]
/// - output: `[1]`
pub fn gated_cross_entropy(
    logits: Tensor<4>,
    labels: Tensor<3, Int>,
    ignored: Option<usize>,
    gates: Tensor<1>,
) -> Tensor<1> {
    let [batch, n_classes, _, _] = logits.dims();
    assert_shape!(gates, [batch]);
    let balance = class_balance(labels.clone(), n_classes, ignored);
    let weights = of_pixels(balance, labels.clone());
    let gated = weights.clone() * gates.reshape([batch, 1, 1]);
    let open = gated.clone().sum() / weights.sum().clamp_min(1e-6);
    pixel_cross_entropy(logits, labels, gated) * open
}

/// What is missing of a whole overlap: 1 less the mean over the classes present of
/// `sum(p * y) / sum(p + y - p * y)`, with the probabilities p and the truth y of all pixels of the
/// batch. The intersection over union of classes for probabilities: cross-entropy hardly sees a
/// class of few pixels. Rahman and Wang 2016 (doi:10.1007/978-3-319-50835-1_22), eq. 3.
///
/// # Shapes
/// - `logits`: `[batch, channels, h, w]`; channels beyond the labels' classes ("fake") take part in
///   the softmax
/// - `labels`: `[batch, h, w]`, each below the number of channels
/// - `ignored`: a class whose pixels count for nothing
/// - output: `[1]`, in [0, 1]
pub fn soft_jaccard(
    logits: Tensor<4>,
    labels: Tensor<3, Int>,
    ignored: Option<usize>,
) -> Tensor<1> {
    let [_, channels, ..] = logits.dims();
    let mut y = one_hot(labels, channels);
    let [pixels, _] = y.dims();
    let mut p = softmax(logits, 1)
        .permute([0, 2, 3, 1])
        .reshape([pixels, channels]);
    if let Some(class) = ignored {
        let counts = y.clone().narrow(1, class, 1) * -1.0 + 1.0;
        (p, y) = (p * counts.clone(), y * counts);
    }
    let sum = |x: Tensor<2>| x.sum_dim(0).reshape([channels]);
    let both = sum(p.clone() * y.clone());
    let of_class = sum(y);
    let present = of_class.clone().greater_elem(0.0).float();
    let either = sum(p) + of_class - both.clone();
    let overlap = both / either.clamp_min(1e-6) * present.clone();
    -overlap.sum() / present.sum().clamp_min(1.0) + 1.0
}

/// Weighted cross-entropy of pixels: `sum(-weight * log p(label)) / sum(weight)`, 0 where no pixel
/// has weight. Weights of 0 and 1 restrict it to the pixels that have the attribute.
///
/// # Shapes
/// - `logits`: `[batch, channels, h, w]`
/// - `labels`: `[batch, h, w]`
/// - `weights`: `[batch, h, w]`, at least 0
/// - output: `[1]`
pub fn pixel_cross_entropy(
    logits: Tensor<4>,
    labels: Tensor<3, Int>,
    weights: Tensor<3>,
) -> Tensor<1> {
    let [batch, _, h, w] = logits.dims();
    assert_shape!(labels, [batch, h, w]);
    assert_shape!(weights, [batch, h, w]);
    let log_p = log_softmax(logits, 1).gather(1, labels.reshape([batch, 1, h, w]));
    let total = weights.clone().sum().clamp_min(1e-6);
    (log_p.reshape([batch, h, w]) * weights).sum().neg() / total
}

/// Divergence of what is said of a picture's pixels from what is said of another's, the mean over
/// pixels of `sum(p * (log p - log q))` with the reference's probabilities p, which have no gradient.
/// Hinton et al. 2015 (arXiv:1503.02531), at temperature 1.
///
/// # Shapes
/// - `logits`, `reference`: `[batch, channels, h, w]`
/// - output: `[1]`
pub fn pixel_divergence(logits: Tensor<4>, reference: Tensor<4>) -> Tensor<1> {
    let log_p = log_softmax(reference.detach(), 1);
    let of_pixel = log_p.clone().exp() * (log_p - log_softmax(logits, 1));
    of_pixel.sum_dim(1).mean()
}

/// Cross-entropy to "fake", the last channel, at every pixel.
///
/// # Shapes
/// - `logits`: `[batch, classes + 1, h, w]`
/// - output: `[1]`
pub fn fake_cross_entropy(logits: Tensor<4>) -> Tensor<1> {
    let [_, channels, ..] = logits.dims();
    log_softmax(logits, 1)
        .narrow(1, channels - 1, 1)
        .mean()
        .neg()
}

/// Weighted binary cross-entropy of logits: `sum(weight * ce) / sum(weight)`.
///
/// # Shapes
/// - all alike; targets in [0, 1], weights at least 0
/// - output: `[1]`
pub fn binary_cross_entropy<const D: usize>(
    logits: Tensor<D>,
    targets: Tensor<D>,
    weights: Tensor<D>,
) -> Tensor<1> {
    let negative = targets.clone().neg().add_scalar(1.0);
    let ce = targets * log_sigmoid(logits.clone()) + negative * log_sigmoid(logits.neg());
    let total = weights.clone().sum().clamp_min(1e-6);
    (ce * weights).sum().neg() / total
}

/// Soft Dice loss of masks, the weighted mean of `1 - (2 sum(p t) + 1) / (sum(p) + sum(t) + 1)`,
/// which counts a thin shape as much as a full one. Milletari et al. 2016 (arXiv:1606.04797).
///
/// # Shapes
/// - `logits`, `targets`: `[masks, h, w]`, targets in [0, 1]
/// - `weights`: `[masks]`, at least 0
/// - output: `[1]`
pub fn dice(logits: Tensor<3>, targets: Tensor<3>, weights: Tensor<1>) -> Tensor<1> {
    let [n, _, _] = logits.dims();
    assert_shape!(weights, [n]);
    let sum = |x: Tensor<3>| x.reshape([n as i64, -1]).sum_dim(1).reshape([n]);
    let p = sigmoid(logits);
    let both = sum(p.clone() * targets.clone());
    let overlap = both.mul_scalar(2.0).add_scalar(1.0) / (sum(p) + sum(targets)).add_scalar(1.0);
    let total = weights.clone().sum().clamp_min(1e-6);
    (overlap.neg().add_scalar(1.0) * weights).sum() / total
}

/// Symmetric contrastive loss of a batch of pairs, the mean of both directions' cross-entropy of
/// `scale * image . text` with the diagonal as labels. Radford et al. 2021, figure 3
/// (arXiv:2103.00020).
///
/// # Shapes
/// - `images`, `texts`: `[batch, d]`, of length 1
/// - `scale`: `[1]`
/// - output: `[1]`
pub fn contrastive(images: Tensor<2>, texts: Tensor<2>, scale: Tensor<1>) -> Tensor<1> {
    let [batch, d] = images.dims();
    assert_shape!(texts, [batch, d]);
    let logits = images.matmul(texts.transpose()) * scale.reshape([1, 1]);
    let diagonal = Tensor::<2>::eye(batch, &logits.device());
    let both = log_softmax(logits.clone(), 0) + log_softmax(logits, 1);
    (both * diagonal).sum().div_scalar(-2.0 * batch as f64)
}

/// How much the supervision of the one-step estimate counts at a noise level: fully up to `full`,
/// not at all from `zero` on, linearly between. The estimate at high noise is a blur that no
/// segmenter should be asked about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoiseGate {
    /// Up to this time the weight is 1.
    pub full: f64,
    /// From this time on the weight is 0.
    pub zero: f64,
}

impl NoiseGate {
    /// The weight at `time`, in [0, 1].
    pub fn weight(&self, time: f64) -> f64 {
        if time <= self.full {
            1.0
        } else if time >= self.zero {
            0.0
        } else {
            (self.zero - time) / (self.zero - self.full)
        }
    }
}
