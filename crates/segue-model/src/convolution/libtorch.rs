//! The convolution of PyTorch's library, with its own backward pass.

use burn::backend::LibTorch;
use burn::backend::ops::{ActivationOps, ModuleOps};
use burn::backend::tensor::FloatTensor;

use super::own::{Convolution, Convolve};
use crate::in_memory::Then;

type Primitive = FloatTensor<LibTorch>;

impl Convolve for LibTorch {
    fn convolve(
        x: Primitive,
        weight: Primitive,
        bias: Primitive,
        Convolution { options, then }: Convolution,
    ) -> Primitive {
        let output = Self::conv2d(x, weight, Some(bias), options);
        match then {
            Then::Nothing => output,
            Then::Relu => Self::relu(output),
        }
    }
}

#[cfg(feature = "training")]
mod learning {
    use super::*;
    use crate::convolution::gradient::{Differentiable, Inputs};

    /// A graph of PyTorch's own, of one convolution and what follows.
    #[derive(Clone, Debug)]
    pub(crate) struct Trace {
        /// Input, weight and bias. The first two share their numbers with the inputs that are kept for
        /// the backward pass, so that Burn does not overwrite them before.
        leaves: [Primitive; 3],
        output: Primitive,
    }

    impl Differentiable for LibTorch {
        type Trace = Trace;

        fn traced(inputs: Inputs<Self>, bias: Primitive) -> (Primitive, Trace) {
            let Inputs { x, weight, how } = inputs;
            let Convolution { options, then } = how;
            let leaves =
                [x, weight, bias].map(|input| input.tensor.detach().set_requires_grad(true));
            let [x, weight, bias] = &leaves;
            let output = tch::with_grad(|| {
                let output = x.conv2d(
                    weight,
                    Some(bias),
                    options.stride.map(|n| n as i64),
                    options.symmetric_padding().map(|n| n as i64),
                    options.dilation.map(|n| n as i64),
                    options.groups as i64,
                );
                match then {
                    Then::Nothing => output,
                    Then::Relu => output.relu(),
                }
            });
            let trace = Trace {
                leaves: leaves.map(Primitive::new),
                output: Primitive::new(output.shallow_clone()),
            };
            (Primitive::new(output.detach()), trace)
        }

        fn gradients(
            _inputs: &Inputs<Self>,
            trace: Trace,
            output: Primitive,
            wanted: [bool; 3],
        ) -> [Option<Primitive>; 3] {
            // The library's interface in Rust begins with a gradient of one: that of this product by
            // the convolution's output is the output's gradient.
            let begin = tch::with_grad(|| {
                let flat = [&trace.output, &output].map(|tensor| tensor.tensor.reshape([-1]));
                flat[0].dot(&flat[1])
            });
            let leaves: Vec<_> = trace
                .leaves
                .iter()
                .zip(wanted)
                .filter_map(|(leaf, wanted)| wanted.then_some(&leaf.tensor))
                .collect();
            let mut found = tch::Tensor::run_backward(&[begin], &leaves, false, false).into_iter();
            wanted.map(|wanted| match wanted {
                true => found.next().map(Primitive::new),
                false => None,
            })
        }
    }
}
