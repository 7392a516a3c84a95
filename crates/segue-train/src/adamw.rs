//! AdamW, on CPUs in one pass over the weights: Burn's goes over them seventeen times.

#[cfg(any(feature = "flex", feature = "libtorch"))]
use burn::optim::AdaptiveMomentumState;
use burn::optim::{AdamWConfig, AdamWState, LearningRate, Optimizer};
use burn::tensor::{Device, Tensor};

#[cfg(any(feature = "flex", feature = "libtorch"))]
#[allow(deprecated, reason = "it names the backend of PyTorch's libraries")]
mod one_pass;

/// AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101). Its state is that of Burn's, which it leaves the
/// work to on GPUs.
#[derive(Clone)]
pub struct AdamW {
    /// Decay rate of the first moment, 0 to 1.
    pub beta_1: f32,
    /// Decay rate of the second moment, 0 to 1.
    pub beta_2: f32,
    /// Decoupled decay of the weights, a share of the learning rate.
    pub weight_decay: f32,
}

/// What keeps a step finite where the gradient is 0.
const EPSILON: f32 = 1e-8;

impl Default for AdamW {
    /// The usual values, which are PyTorch's.
    fn default() -> Self {
        Self {
            beta_1: 0.9,
            beta_2: 0.999,
            weight_decay: 0.01,
        }
    }
}

impl Optimizer for AdamW {
    type State<const D: usize> = AdamWState<D>;

    fn step<const D: usize>(
        &self,
        lr: LearningRate,
        tensor: Tensor<D>,
        grad: Tensor<D>,
        state: Option<Self::State<D>>,
    ) -> (Tensor<D>, Option<Self::State<D>>) {
        #[cfg(any(feature = "flex", feature = "libtorch"))]
        if one_pass::is_possible(&tensor) && one_pass::is_possible(&grad) {
            let state = state.unwrap_or_else(|| {
                let zeros = tensor.zeros_like();
                AdamWState::new(AdaptiveMomentumState::new(0, zeros.clone(), zeros))
            });
            let (tensor, state) = self.in_one_pass(lr, tensor, grad, state);
            return (tensor, Some(state));
        }
        self.burns().step(lr, tensor, grad, state)
    }

    fn to_device<const D: usize>(state: Self::State<D>, device: &Device) -> Self::State<D> {
        burn::optim::AdamW::to_device(state, device)
    }
}

impl AdamW {
    fn burns(&self) -> burn::optim::AdamW {
        AdamWConfig::new()
            .with_beta_1(self.beta_1)
            .with_beta_2(self.beta_2)
            .with_epsilon(EPSILON)
            .with_weight_decay(self.weight_decay)
            .build()
    }

    #[cfg(any(feature = "flex", feature = "libtorch"))]
    fn in_one_pass<const D: usize>(
        &self,
        lr: LearningRate,
        tensor: Tensor<D>,
        grad: Tensor<D>,
        state: AdamWState<D>,
    ) -> (Tensor<D>, AdamWState<D>) {
        let AdaptiveMomentumState {
            time,
            moment_1,
            moment_2,
            ..
        } = state.momentum;
        let time = time + 1;
        let unbiased = |beta: f32| 1.0 - f64::from(beta).powi(time as i32);
        let step = one_pass::Step {
            beta_1: self.beta_1,
            beta_2: self.beta_2,
            kept: (1.0 - lr * f64::from(self.weight_decay)) as f32,
            rate: (lr / unbiased(self.beta_1)) as f32,
            scale: unbiased(self.beta_2).sqrt().recip() as f32,
            epsilon: EPSILON,
        };
        let [tensor, moment_1, moment_2] = one_pass::step([tensor, moment_1, moment_2], grad, step);
        let momentum = AdaptiveMomentumState::new(time, moment_1, moment_2);
        (tensor, AdamWState::new(momentum))
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Distribution, Tolerance};

    use super::*;

    fn devices() -> Vec<Device> {
        vec![
            Device::flex(),
            #[cfg(feature = "libtorch")]
            Device::libtorch(),
        ]
    }

    #[test]
    fn its_steps_are_burns() {
        for device in devices() {
            device.seed(2);
            let random = || Tensor::<2>::random([70, 301], Distribution::Default, &device);
            let own = AdamW::default();
            let start = random();
            let before = start.to_data();
            let (mut a, mut b) = (start.clone(), start.clone());
            let (mut a_state, mut b_state) = (None, None);
            for _ in 0..4 {
                let gradient = random() - 0.5;
                (a, a_state) = own.step(1e-2, a, gradient.clone(), a_state);
                (b, b_state) = own.burns().step(1e-2, b, gradient, b_state);
            }
            let close = Tolerance::<f32>::rel_abs(1e-5, 1e-6);
            a.into_data().assert_approx_eq(&b.into_data(), close);
            let moments = |state: Option<AdamWState<2>>| {
                let momentum = state.unwrap().momentum;
                let both = vec![momentum.moment_1, momentum.moment_2];
                (momentum.time, Tensor::cat(both, 0).into_data())
            };
            let ((a_time, a), (b_time, b)) = (moments(a_state), moments(b_state));
            a.assert_approx_eq(&b, close);
            assert_eq!(a_time, b_time);
            start.into_data().assert_eq(&before, true);
        }
    }

    #[test]
    fn weights_and_gradients_that_others_hold_stay_as_they_are() {
        for device in devices() {
            let weight = Tensor::<2>::ones([3, 5], &device);
            let gradient = Tensor::<2>::full([5, 3], 0.5, &device);
            let (moved, _) =
                AdamW::default().step(1e-2, weight.clone(), gradient.clone().transpose(), None);
            assert!(moved.lower_scalar(1.0).all().into_scalar::<bool>());
            let one = weight.equal_scalar(1.0).all();
            let half = gradient.equal_scalar(0.5).all();
            assert!(one.into_scalar::<bool>() && half.into_scalar::<bool>());
        }
    }
}
