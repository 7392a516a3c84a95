//! Which weights Muon optimizes, and how it takes the kernels of convolutions.

use burn::module::{Module, ModuleVisitor, Param, ParamGroup};
use burn::optim::decay::WeightDecayConfig;
use burn::optim::momentum::{Momentum, MomentumConfig, MomentumState};
use burn::optim::{AdjustLrFn, Muon, MuonConfig, MuonState, Optimizer};
use burn::tensor::{Device, Tensor};

use crate::optimize::FADED;

/// A momentum below this share of its matrix's norm is 0. It would change no step, but Muon multiplies four
/// such shares with each other, and a CPU computes many times more slowly with the numbers that come of it
/// than with normal ones.
const FADED_SHARE: f32 = 1e-9;

/// Burn's [`Muon`] (Jordan et al. 2024; Liu et al. 2025, arXiv:2502.16982), which takes matrices, for
/// kernels too: a kernel `[c_out, c_in, k, k]` is the matrix `[c_out, c_in * k * k]`. Steps are scaled
/// to the size of AdamW's (Liu et al., section 2.2), so that learning rates of one fit the other.
#[derive(Clone)]
pub struct KernelMuon(Muon);

impl KernelMuon {
    /// With a decay of weights as AdamW's.
    pub fn new(weight_decay: f32) -> Self {
        let config = MuonConfig::new()
            .with_adjust_lr_fn(AdjustLrFn::MatchRmsAdamW)
            .with_weight_decay(Some(WeightDecayConfig::new(weight_decay)));
        Self(config.build())
    }
}

impl Optimizer for KernelMuon {
    /// The momentum, as a matrix.
    type State<const D: usize> = MuonState<2>;

    fn step<const D: usize>(
        &self,
        lr: f64,
        tensor: Tensor<D>,
        grad: Tensor<D>,
        state: Option<Self::State<D>>,
    ) -> (Tensor<D>, Option<Self::State<D>>) {
        let dims = tensor.dims();
        let matrix = |tensor: Tensor<D>| tensor.flatten::<2>(1, D - 1);
        let (tensor, state) = self.0.step(lr, matrix(tensor), matrix(grad), state);
        let state = state.map(|state| without_faded(state, tensor.dims(), &tensor.device()));
        (tensor.reshape(dims), state)
    }

    fn to_device<const D: usize>(state: Self::State<D>, device: &Device) -> Self::State<D> {
        Muon::to_device(state, device)
    }
}

/// The state with what has faded set to 0.
fn without_faded(state: MuonState<2>, shape: [usize; 2], device: &Device) -> MuonState<2> {
    // Burn keeps the momentum to itself: one that is neither damped nor added to gives it out.
    let kept = MomentumConfig::new().with_momentum(1.0).with_dampening(1.0);
    let nothing = Tensor::zeros(shape, device);
    let (velocity, _) = Momentum::new(&kept).transform(nothing, Some(state.momentum));
    let norm = velocity.clone().square().sum().sqrt();
    let least = (norm * FADED_SHARE).clamp_min(FADED).reshape([1, 1]);
    let has_faded = velocity.clone().abs().lower(least.expand(shape));
    MuonState::new(MomentumState::new(velocity.mask_fill(has_faded, 0.0)))
}

/// The weights that mix the channels of features: kernels and matrices. Tables of embeddings are not
/// among them: a step should touch only those of their rows that were read.
pub fn mixing_weights<M: Module>(model: &M) -> ParamGroup {
    #[derive(Default)]
    struct Paths {
        stack: Vec<String>,
        in_table: bool,
        found: Vec<String>,
    }
    impl ModuleVisitor for Paths {
        fn enter_module(&mut self, name: &str, container: &str) {
            self.stack.push(name.to_owned());
            self.in_table = container == "Struct:Embedding";
        }

        fn exit_module(&mut self, _name: &str, _container: &str) {
            self.stack.pop();
        }

        fn visit_float<const D: usize>(&mut self, _param: &Param<Tensor<D>>) {
            let is_weight = self.stack.last().is_some_and(|name| name == "weight");
            if is_weight && !self.in_table && D >= 2 {
                self.found.push(self.stack.join("."));
            }
        }
    }
    let mut paths = Paths::default();
    model.visit(&mut paths);
    ParamGroup::from_paths(paths.found)
}

#[cfg(test)]
mod tests {
    use burn::module::ParamId;
    use burn::nn::conv::{Conv2d, Conv2dConfig};
    use burn::nn::{Embedding, EmbeddingConfig, Linear, LinearConfig};
    use burn::optim::{RecordState, StateSink};
    use burn::tensor::{Distribution, Tolerance};

    use super::*;

    #[derive(Module, Debug)]
    struct Net {
        table: Embedding,
        kernel: Conv2d,
        layers: Vec<Linear>,
    }

    #[test]
    fn kernels_and_matrices_are_chosen_and_tables_and_biases_are_not() {
        let device = Device::flex();
        let net = Net {
            table: EmbeddingConfig::new(5, 4).init(&device),
            kernel: Conv2dConfig::new([3, 4], [3, 3]).init(&device),
            layers: vec![LinearConfig::new(4, 4).init(&device)],
        };
        let group = mixing_weights(&net);
        let chosen = |path| group.matches(&ParamId::new(), Some(path));
        assert!(chosen("kernel.weight") && chosen("layers.0.weight"));
        assert!(!chosen("table.weight") && !chosen("kernel.bias") && !chosen("layers.0.bias"));
    }

    /// Five iterations bring singular values to 0.7 to 1.2 (Jordan et al. 2024), and AdamW's steps have
    /// a root mean square of 0.2 to 0.4 of the learning rate (Liu et al. 2025).
    #[test]
    fn a_step_has_the_size_of_adamws_whatever_the_gradients_is() {
        let device = Device::flex();
        device.seed(4);
        let weight = Tensor::<4>::zeros([16, 8, 3, 3], &device);
        let random = Distribution::Normal(0.0, 1.0);
        let gradient = Tensor::<4>::random([16, 8, 3, 3], random, &device);
        let step = |scale: f32| {
            let gradient = gradient.clone() * scale;
            KernelMuon::new(0.0)
                .step(0.1, weight.clone(), gradient, None)
                .0
        };
        let rms = step(1.0).square().mean().sqrt().into_scalar::<f32>();
        assert!((0.014..0.026).contains(&rms), "{rms}");
        let close = Tolerance::<f32>::rel_abs(1e-2, 1e-4);
        let small = step(1e-3).into_data();
        small.assert_approx_eq(&step(1.0).into_data(), close);
    }

    #[test]
    fn a_momentum_that_has_faded_is_none() {
        let device = Device::flex();
        let weight = Tensor::<2>::zeros([2, 2], &device);
        let muon = KernelMuon::new(0.0);
        let is_none = |gradient: [[f32; 2]; 2]| {
            let gradient = Tensor::from_floats(gradient, &device);
            let (_, state) = muon.step(0.1, weight.clone(), gradient, None);
            let (_, state) = muon.step(0.1, weight.clone(), weight.zeros_like(), state);
            let mut numbers = StateSink::default();
            state.unwrap().state_flatten("", &mut numbers);
            let (_, momentum) = numbers.tensors.pop().unwrap();
            let is_none = momentum.iter::<f32>().map(|number| number == 0.0);
            is_none.collect::<Vec<_>>()
        };
        let of_the_norm = is_none([[1.0, 1e-8], [-1.0, -1e-10]]);
        assert_eq!(of_the_norm, [false, false, false, true]);
        let in_itself = is_none([[0.0, 1e-28], [0.0, -1e-31]]);
        assert_eq!(in_itself, [true, false, true, true]);
    }
}
