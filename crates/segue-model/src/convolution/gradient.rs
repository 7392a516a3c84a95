//! The backward pass of a backend's own convolution.

use std::fmt::Debug;

use burn::backend::Autodiff;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::tensor::ops::ConvOptions;

use super::own::Convolve;

/// A backend that has its own way back, too.
pub(super) trait Differentiable: Convolve {
    /// What the backward pass needs of the forward pass.
    type Trace: Clone + Debug + Send + 'static;

    /// The convolution, with its trace.
    fn traced(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        options: ConvOptions<2>,
    ) -> (FloatTensor<Self>, Self::Trace);

    /// The gradients by input, weight and bias, those of them that are wanted.
    fn gradients(
        trace: Self::Trace,
        output: FloatTensor<Self>,
        wanted: [bool; 3],
    ) -> [Option<FloatTensor<Self>>; 3];
}

#[derive(Debug)]
struct Convolution;

impl<B: Differentiable> Backward<B, 3> for Convolution {
    type State = B::Trace;

    fn backward(self, ops: Ops<B::Trace, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let output = grads.consume::<B>(&ops.node);
        let wanted = ops.parents.each_ref().map(Option::is_some);
        let gradients = B::gradients(ops.state, output, wanted);
        for (parent, gradient) in ops.parents.into_iter().zip(gradients) {
            if let (Some(parent), Some(gradient)) = (parent, gradient) {
                grads.register::<B>(parent.id, gradient);
            }
        }
    }
}

impl<B: Differentiable, C: CheckpointStrategy> Convolve for Autodiff<B, C> {
    fn convolve(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        options: ConvOptions<2>,
    ) -> FloatTensor<Self> {
        let prepared = Convolution
            .prepare::<C>([x.node(), weight.node(), bias.node()])
            .compute_bound()
            .stateful();
        let (x, weight, bias) = (
            x.into_primitive(),
            weight.into_primitive(),
            bias.into_primitive(),
        );
        match prepared {
            OpsKind::Tracked(prepared) => {
                let (output, trace) = B::traced(x, weight, bias, options);
                prepared.finish(trace, output)
            }
            OpsKind::UnTracked(prepared) => prepared.finish(B::convolve(x, weight, bias, options)),
        }
    }
}
