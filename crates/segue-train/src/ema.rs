//! Exponential moving average of a network's weights.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

/// Moves the weights of `ema` toward those of `model`:
/// `ema <- decay * ema + (1 - decay) * model`.
///
/// `ema` must be a copy of `model` made by [`Module::valid`], so that their parameters carry the
/// same ids; parameters of `ema` that `model` does not have stay as they are.
pub fn update<M: Module>(ema: M, model: &M, decay: f64) -> M {
    let mut live = Live(GradientsParams::new());
    model.visit(&mut live);
    ema.map(&mut Blend {
        live: live.0,
        decay,
    })
}

/// The decay of one step of `images` images for an average whose weight on the past halves every
/// `half_life` images (the parametrization of EDM2's training loop). The half-life is at most a
/// twentieth of what was seen, so that the start of a run is forgotten.
///
/// Returns a factor in `[0, 1)`.
pub fn decay_of(images: u64, half_life: f64, images_seen: u64) -> f64 {
    let half_life = half_life.min(images_seen as f64 / 20.0).max(1e-8);
    0.5f64.powf(images as f64 / half_life)
}

/// Tensors by parameter id: the container that Burn has for gradients serves weights as well.
struct Live(GradientsParams);

impl ModuleVisitor for Live {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.0.register(param.id, param.val().inner());
    }
}

struct Blend {
    live: GradientsParams,
    decay: f64,
}

impl ModuleMapper for Blend {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        match self.live.remove::<D>(param.id) {
            Some(live) => param.map(|average| average * self.decay + live * (1.0 - self.decay)),
            None => param,
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::nn::{Linear, LinearConfig};
    use burn::tensor::Device;

    use super::*;

    fn weight(layer: &Linear) -> f32 {
        layer.weight.val().mean().into_scalar::<f32>()
    }

    #[test]
    fn update_blends_by_the_decay() {
        let device = Device::flex().autodiff();
        let model = LinearConfig::new(3, 2).init(&device);
        let average = model.valid();
        let zeroed = average.clone().map(&mut Blend {
            live: zeros(&average),
            decay: 0.0,
        });
        let blended = update(zeroed, &model, 0.75);
        assert!((weight(&blended) - 0.25 * weight(&average)).abs() < 1e-6);
    }

    fn zeros(layer: &Linear) -> GradientsParams {
        let mut zeros = GradientsParams::new();
        zeros.register(layer.weight.id, layer.weight.val().zeros_like());
        zeros
    }

    #[test]
    fn an_average_leaves_the_autodiff_graph_alone() {
        let device = Device::flex().autodiff();
        let model = LinearConfig::new(3, 2).init(&device);
        let average = update(model.valid(), &model, 0.9);
        assert!(!average.weight.val().is_autodiff());
        assert!(model.weight.val().is_require_grad());
    }

    #[test]
    fn the_weight_on_the_past_halves_every_half_life() {
        assert!((decay_of(500, 1000.0, 1_000_000).powi(2) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn the_first_images_are_not_held_on_to() {
        assert!(decay_of(16, 10_000.0, 16) < 1e-5);
    }
}
