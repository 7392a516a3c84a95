//! The backward pass of a backend's own convolution.

use std::fmt::Debug;

use burn::backend::Autodiff;
use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;

use super::own::{Convolution, Convolve};

/// A backend that has its own way back, too.
pub(super) trait Differentiable: Convolve {
    /// What the backward pass needs of the forward pass, beside its inputs.
    type Trace: Clone + Debug + Send + 'static;

    /// The convolution, with its trace.
    fn traced(inputs: Inputs<Self>, bias: FloatTensor<Self>) -> (FloatTensor<Self>, Self::Trace);

    /// The gradients by input, weight and bias, those of them that are wanted. The inputs are those of
    /// the forward pass, kept or computed again.
    fn gradients(
        inputs: &Inputs<Self>,
        trace: Self::Trace,
        output: FloatTensor<Self>,
        wanted: [bool; 3],
    ) -> [Option<FloatTensor<Self>>; 3];
}

/// What the gradients depend on.
#[derive(Clone)]
pub(super) struct Inputs<B: Convolve> {
    pub(super) x: FloatTensor<B>,
    pub(super) weight: FloatTensor<B>,
    pub(super) how: Convolution,
}

#[derive(Debug)]
struct BackwardPass;

/// Where the inputs are found again, and the trace.
type State<T> = (NodeId, NodeId, Convolution, T);

impl<B: Differentiable> Backward<B, 3> for BackwardPass {
    type State = State<B::Trace>;

    fn backward(
        self,
        ops: Ops<State<B::Trace>, 3>,
        grads: &mut Gradients,
        kept: &mut Checkpointer,
    ) {
        let output = grads.consume::<B>(&ops.node);
        let wanted = ops.parents.each_ref().map(Option::is_some);
        let (x, weight, how, trace) = ops.state;
        let inputs = Inputs {
            x: kept.retrieve_node_output(x),
            weight: kept.retrieve_node_output(weight),
            how,
        };
        let gradients = B::gradients(&inputs, trace, output, wanted);
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
        how: Convolution,
    ) -> FloatTensor<Self> {
        let prepared = BackwardPass
            .prepare::<C>([x.node(), weight.node(), bias.node()])
            .compute_bound()
            .stateful();
        match prepared {
            OpsKind::Tracked(mut prepared) => {
                let (x_kept, weight_kept) = (prepared.checkpoint(&x), prepared.checkpoint(&weight));
                let inputs = Inputs {
                    x: x.into_primitive(),
                    weight: weight.into_primitive(),
                    how: how.clone(),
                };
                let (output, trace) = B::traced(inputs, bias.into_primitive());
                prepared.finish((x_kept, weight_kept, how, trace), output)
            }
            OpsKind::UnTracked(prepared) => {
                let [x, weight, bias] = [x, weight, bias].map(|tensor| tensor.into_primitive());
                prepared.finish(B::convolve(x, weight, bias, how))
            }
        }
    }
}
