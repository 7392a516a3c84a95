//! How many things of each class a text speaks of.

use burn::config::Config;
use burn::module::{Initializer, Module};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Int, Tensor};

use crate::cost::Cost;
use crate::denoiser::TextContext;

/// Configuration of a [`CountReader`].
#[derive(Config, Debug)]
pub struct CountReaderConfig {
    /// Length of a text token's vector.
    pub d_text: usize,
    /// Semantic classes.
    pub n_classes: usize,
}

/// Reads numbers: each token says how many things of each class it adds, and numbers add up over the
/// text, so that "a grey sheep and two white sheep" are three.
///
/// A number is a place on a line that all numbers share, and not one case of many: one that was never
/// seen of a class lies between those that were. Ordinal regression with a location and a scale
/// (McCullagh 1980, doi:10.1111/j.2517-6161.1980.tb01109.x).
#[derive(Module, Debug)]
pub struct CountReader {
    hidden: Linear,
    number: Linear,
    sharpness: Linear,
}

/// What a text says of numbers.
#[derive(Clone, Debug)]
pub struct SaidCounts {
    /// How many of each class, 0 or less where the text does not speak of it, `[batch, n_classes]`
    pub number: Tensor<2>,
    /// How exactly each is said: the rise of the logit for each object, above 0, `[batch, n_classes]`
    pub sharpness: Tensor<2>,
}

impl CountReaderConfig {
    fn hidden(&self) -> LinearConfig {
        LinearConfig::new(self.d_text, self.d_text)
    }

    fn said(&self) -> LinearConfig {
        LinearConfig::new(self.d_text, self.n_classes).with_initializer(Initializer::Zeros)
    }

    /// A reader that says nothing yet: a text encoder that has learned is not shaken by it.
    pub fn init(&self, device: &Device) -> CountReader {
        CountReader {
            hidden: self.hidden().init(device),
            number: self.said().init(device),
            sharpness: self.said().init(device),
        }
    }

    pub(crate) fn cost(&self, tokens: usize) -> Cost {
        Cost::linear(&self.hidden(), tokens) + Cost::linear(&self.said(), 1) * 2
    }
}

impl CountReader {
    /// # Shapes
    /// - `text`: of `[batch, tokens, d_text]`
    pub fn forward(&self, text: &TextContext) -> SaidCounts {
        let hidden = TextContext {
            embedding: relu(self.hidden.forward(text.embedding.clone())),
            padding: text.padding.clone(),
        };
        let sharpness = self.sharpness.forward(hidden.mean());
        SaidCounts {
            number: self.number.forward(hidden.sum()),
            sharpness: sharpness.clamp(-2.0, 4.0).exp(),
        }
    }
}

impl SaidCounts {
    /// The logits of there being more than k things of each class, for k below `n`.
    ///
    /// # Shapes
    /// - output: `[batch, n_classes, n]`
    pub fn more_than(&self, n: usize) -> Tensor<3> {
        let edges = Tensor::<1, Int>::arange(0..n as i64, &self.number.device()).float() + 0.5;
        let distance = self.number.clone().unsqueeze_dim::<3>(2) - edges.reshape([1, 1, n]);
        distance * self.sharpness.clone().unsqueeze_dim(2)
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Bool, Distribution, Tolerance};

    use super::*;

    fn context(embedding: Tensor<3>, padding: [[bool; 4]; 1]) -> TextContext {
        let device = embedding.device();
        TextContext {
            embedding,
            padding: Tensor::<2, Bool>::from_data(padding, &device),
        }
    }

    #[test]
    fn numbers_add_up_over_the_text_and_padding_adds_nothing() {
        let device = Device::flex();
        device.seed(3);
        let config = CountReaderConfig::new(8, 5);
        let reader = CountReader {
            number: LinearConfig::new(8, 5).with_bias(false).init(&device),
            ..config.init(&device)
        };
        let tokens = Tensor::random([1, 4, 8], Distribution::Normal(0.0, 1.0), &device);
        let number = |padding| {
            let text = context(tokens.clone(), [padding]);
            reader.forward(&text).number
        };
        let first = number([false, false, true, true]);
        let last = number([true, true, false, false]);
        let all = number([false; 4]).into_data();
        assert!(first.clone().abs().sum().into_scalar::<f32>() > 0.1);
        all.assert_approx_eq(&(first + last).into_data(), Tolerance::<f32>::default());
    }

    #[test]
    fn a_reader_that_has_not_learned_speaks_of_nothing() {
        let device = Device::flex();
        let reader = CountReaderConfig::new(8, 5).init(&device);
        let said = reader.forward(&context(Tensor::ones([1, 4, 8], &device), [[false; 4]]));
        let zeros = Tensor::<2>::zeros([1, 5], &device).into_data();
        said.number.into_data().assert_eq(&zeros, true);
    }

    #[test]
    fn more_is_likely_below_the_number_and_unlikely_above() {
        let device = Device::flex();
        let said = SaidCounts {
            number: Tensor::from_floats([[2.0]], &device),
            sharpness: Tensor::from_floats([[4.0]], &device),
        };
        let expected = Tensor::<3>::from_floats([[[6.0, 2.0, -2.0, -6.0]]], &device).into_data();
        let tolerance = Tolerance::<f32>::default();
        said.more_than(4)
            .into_data()
            .assert_approx_eq(&expected, tolerance);
    }
}
