//! How many things of each class a text speaks of.

use burn::config::Config;
use burn::module::{Initializer, Module};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::{relu, softmax, softplus};
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

/// Reads numbers: each token says how many things it adds, whatever they are, and apart from that of
/// which class they are. Numbers add up over the text, so that "a grey sheep and two white sheep" are
/// three, and a number that was never seen of a class is read as it is of all others.
///
/// A number is a place on a line, and not one case of many: ordinal regression with a location and a
/// scale (McCullagh 1980, doi:10.1111/j.2517-6161.1980.tb01109.x).
#[derive(Module, Debug)]
pub struct CountReader {
    hidden: Linear,
    number: Linear,
    class: Linear,
    sharpness: Linear,
}

/// What a text says of numbers.
#[derive(Clone, Debug)]
pub struct SaidCounts {
    /// How many of each class, at least 0, `[batch, n_classes]`
    pub number: Tensor<2>,
    /// How exactly each is said: the rise of the logit for each object, above 0, `[batch, n_classes]`
    pub sharpness: Tensor<2>,
}

impl CountReaderConfig {
    fn hidden(&self) -> LinearConfig {
        LinearConfig::new(self.d_text, self.d_text)
    }

    fn number(&self) -> LinearConfig {
        LinearConfig::new(self.d_text, 1).with_initializer(Initializer::Zeros)
    }

    fn of_classes(&self) -> LinearConfig {
        LinearConfig::new(self.d_text, self.n_classes).with_initializer(Initializer::Zeros)
    }

    /// A reader that says hardly anything yet: a text encoder that has learned is not shaken by it.
    pub fn init(&self, device: &Device) -> CountReader {
        CountReader {
            hidden: self.hidden().init(device),
            number: self.number().init(device),
            class: self.of_classes().init(device),
            sharpness: self.of_classes().init(device),
        }
    }

    pub(crate) fn cost(&self, tokens: usize) -> Cost {
        Cost::linear(&self.hidden(), tokens)
            + Cost::linear(&self.number(), tokens)
            + Cost::linear(&self.of_classes(), tokens)
            + Cost::linear(&self.of_classes(), 1)
    }
}

impl CountReader {
    /// # Shapes
    /// - `text`: of `[batch, tokens, d_text]`
    pub fn forward(&self, text: &TextContext) -> SaidCounts {
        let with = |embedding| TextContext {
            embedding,
            padding: text.padding.clone(),
        };
        let hidden = relu(self.hidden.forward(text.embedding.clone()));
        let class = softmax(self.class.forward(hidden.clone()), 2);
        // Nothing that is said takes away, and who has not learned adds nearly nothing.
        let number = softplus(self.number.forward(hidden.clone()) - 2.0, 1.0) * class;
        let sharpness = self.sharpness.forward(with(hidden).mean());
        SaidCounts {
            number: with(number).sum(),
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
    use burn::module::Param;
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
            number: LinearConfig::new(8, 1).init(&device),
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
    fn what_a_token_adds_is_shared_among_the_classes() {
        let device = Device::flex();
        device.seed(4);
        let config = CountReaderConfig::new(8, 5);
        let bias = |n| Linear {
            weight: Param::from_tensor(Tensor::zeros([8, n], &device)),
            bias: Some(Param::from_tensor(Tensor::full([n], 3.0, &device))),
        };
        let reader = CountReader {
            number: bias(1),
            class: LinearConfig::new(8, 5).init(&device),
            ..config.init(&device)
        };
        let tokens = Tensor::random([1, 4, 8], Distribution::Normal(0.0, 1.0), &device);
        let said = reader.forward(&context(tokens, [[false, true, false, true]]));
        let all = said.number.sum().into_scalar::<f32>();
        let each = 1f32.exp().ln_1p();
        assert!(
            (all - 2.0 * each).abs() < 1e-4,
            "two tokens of {each} add {all}"
        );
    }

    #[test]
    fn a_reader_that_has_not_learned_speaks_of_hardly_anything() {
        let device = Device::flex();
        let reader = CountReaderConfig::new(8, 5).init(&device);
        let said = reader.forward(&context(Tensor::ones([1, 4, 8], &device), [[false; 4]]));
        let most = said.number.max().into_scalar::<f32>();
        assert!(most < 0.2, "{most}");
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
