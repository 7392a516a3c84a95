//! Group normalization as an operation of the backends of CPUs.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, TensorMetadata, backend_extension};
use burn::tensor::Tensor;

use super::in_one_pass::{Normalization, Statistics};
use crate::in_memory::InMemory;

/// A backend with its own group normalization.
#[backend_extension(
    Flex: cfg(feature = "flex"),
    LibTorch: cfg(feature = "libtorch"),
    Autodiff: cfg(feature = "training"),
)]
trait Normalize: Backend {
    /// # Shapes
    /// - `x`: `[batch, channels, h, w]`
    /// - `gamma`, `beta`: `[channels]`
    /// - output: as `x`
    fn normalize(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        how: Normalization,
    ) -> FloatTensor<Self>;
}

/// The operation on tensors.
pub(super) fn normalize(
    x: Tensor<4>,
    gamma: Tensor<1>,
    beta: Tensor<1>,
    how: Normalization,
) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as Normalize>::normalize(
        x.into_dispatch(),
        gamma.into_dispatch(),
        beta.into_dispatch(),
        how,
    ))
}

/// The output, with the statistics of the groups.
fn forward<B: InMemory>(
    x: FloatTensor<B>,
    gamma: FloatTensor<B>,
    beta: FloatTensor<B>,
    how: Normalization,
) -> (FloatTensor<B>, Vec<Statistics>) {
    let shape: [usize; 4] = x.shape().dims();
    let [x, gamma, beta] = [x, gamma, beta].map(B::in_a_row);
    let mut statistics = Vec::new();
    let output = B::written(shape, |output| {
        let [x, gamma, beta] = [&x, &gamma, &beta].map(B::numbers);
        statistics = how.forward(x, gamma, beta, output);
    });
    (output, statistics)
}

#[cfg(feature = "flex")]
impl Normalize for burn::backend::Flex {
    fn normalize(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        how: Normalization,
    ) -> FloatTensor<Self> {
        forward::<Self>(x, gamma, beta, how).0
    }
}

#[cfg(feature = "libtorch")]
#[allow(deprecated, reason = "Burn's last release line with it")]
impl Normalize for burn::backend::LibTorch {
    fn normalize(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        how: Normalization,
    ) -> FloatTensor<Self> {
        forward::<Self>(x, gamma, beta, how).0
    }
}

#[cfg(feature = "training")]
mod learning {
    use std::marker::PhantomData;

    use burn::backend::Autodiff;
    use burn::backend::autodiff::NodeId;
    use burn::backend::autodiff::checkpoint::base::Checkpointer;
    use burn::backend::autodiff::checkpoint::retro_forward::RetroForward;
    use burn::backend::autodiff::checkpoint::state::BackwardStates;
    use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
    use burn::backend::autodiff::grads;
    use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};

    use super::*;
    use crate::group_norm::in_one_pass::Gradients;

    /// Where the inputs are found again: `x`, gamma and beta.
    type Inputs = [NodeId; 3];

    #[derive(Debug)]
    struct BackwardPass;

    impl<B: InMemory> Backward<B, 3> for BackwardPass {
        type State = (Inputs, Normalization, Vec<Statistics>);

        fn backward(
            self,
            ops: Ops<Self::State, 3>,
            grads: &mut grads::Gradients,
            kept: &mut Checkpointer,
        ) {
            let gradient = B::in_a_row(grads.consume::<B>(&ops.node));
            let (inputs, how, statistics) = ops.state;
            let inputs = inputs.map(|input| kept.retrieve_node_output::<FloatTensor<B>>(input));
            let shape: [usize; 4] = inputs[0].shape().dims();
            let inputs = inputs.map(B::in_a_row);
            let [x, gamma, beta] = inputs.each_ref().map(B::numbers);
            let (mut by_gamma, mut by_beta) = (vec![0.0; gamma.len()], vec![0.0; beta.len()]);
            let by_x = B::written(shape, |by_x| {
                let found = Gradients {
                    x: by_x,
                    gamma: &mut by_gamma,
                    beta: &mut by_beta,
                };
                how.backward(x, [gamma, beta], &statistics, B::numbers(&gradient), found);
            });
            let factor =
                |numbers: Vec<f32>| B::written([numbers.len()], |to| to.copy_from_slice(&numbers));
            let found = [by_x, factor(by_gamma), factor(by_beta)];
            for (parent, gradient) in ops.parents.into_iter().zip(found) {
                if let Some(parent) = parent {
                    grads.register::<B>(parent.id, gradient);
                }
            }
        }
    }

    /// The forward pass once more, where its output was not kept.
    #[derive(Debug)]
    struct Again<B> {
        inputs: Inputs,
        how: Normalization,
        backend: PhantomData<B>,
    }

    impl<B: Normalize> RetroForward for Again<B> {
        fn forward(&self, states: &mut BackwardStates, output: NodeId) {
            let [x, gamma, beta] = self
                .inputs
                .map(|input| states.get_state::<FloatTensor<B>>(&input));
            states.save(output, B::normalize(x, gamma, beta, self.how));
        }
    }

    impl<B: InMemory + Normalize, C: CheckpointStrategy> Normalize for Autodiff<B, C> {
        fn normalize(
            x: FloatTensor<Self>,
            gamma: FloatTensor<Self>,
            beta: FloatTensor<Self>,
            how: Normalization,
        ) -> FloatTensor<Self> {
            let nodes = [x.node(), gamma.node(), beta.node()];
            let inputs = nodes.each_ref().map(|node| node.id());
            let again = Again::<B> {
                inputs,
                how,
                backend: PhantomData,
            };
            let prepared = BackwardPass
                .prepare::<C>(nodes)
                .memory_bound()
                .retro_forward(again)
                .parents([&x, &gamma, &beta])
                .stateful();
            match prepared {
                OpsKind::Tracked(mut prepared) => {
                    let inputs = [&x, &gamma, &beta].map(|input| prepared.checkpoint(input));
                    let [x, gamma, beta] = [x, gamma, beta].map(|input| input.into_primitive());
                    let (output, statistics) = forward::<B>(x, gamma, beta, how);
                    prepared.finish((inputs, how, statistics), output)
                }
                OpsKind::UnTracked(prepared) => {
                    let [x, gamma, beta] = [x, gamma, beta].map(|input| input.into_primitive());
                    prepared.finish(B::normalize(x, gamma, beta, how))
                }
            }
        }
    }
}
