//! A step of AdamW in one pass, as an operation of the backends of CPUs.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, DispatchDevice, backend_extension};
use burn::tensor::{DType, Tensor};
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::{ParallelSlice, ParallelSliceMut};

use crate::optimize::FADED;

/// Numbers that a thread takes at a time.
const CHUNK: usize = 1 << 14;

/// The numbers of a step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) beta_1: f32,
    pub(super) beta_2: f32,
    /// The share of a weight that its decay leaves.
    pub(super) kept: f32,
    /// The learning rate, by which the first moment's start at 0 is made up for.
    pub(super) rate: f32,
    /// The factor by which the root of the second moment's is.
    pub(super) scale: f32,
    pub(super) epsilon: f32,
}

/// A backend whose numbers lie in memory.
#[backend_extension(
    Flex: cfg(feature = "flex"),
    LibTorch: cfg(feature = "libtorch"),
)]
trait InMemory: Backend {
    /// Weight and moments after a step; all are of one shape.
    fn step(
        weight: FloatTensor<Self>,
        moment_1: FloatTensor<Self>,
        moment_2: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        step: Step,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}

/// Whether the numbers of a tensor lie in memory, in 32 bits.
pub(super) fn is_possible<const D: usize>(tensor: &Tensor<D>) -> bool {
    let device = tensor.device();
    let in_memory = match device.as_dispatch() {
        #[cfg(feature = "flex")]
        DispatchDevice::Flex(_) => true,
        #[cfg(feature = "libtorch")]
        DispatchDevice::LibTorch(device) => *device == Default::default(),
        #[allow(unreachable_patterns, reason = "a program may have no other devices")]
        _ => false,
    };
    in_memory && tensor.dtype() == DType::F32
}

/// Weight, first and second moment after a step.
pub(super) fn step<const D: usize>(
    state: [Tensor<D>; 3],
    gradient: Tensor<D>,
    step: Step,
) -> [Tensor<D>; 3] {
    let [weight, moment_1, moment_2] = state.map(Tensor::into_dispatch);
    let (weight, moment_1, moment_2) =
        <Dispatch as InMemory>::step(weight, moment_1, moment_2, gradient.into_dispatch(), step);
    [weight, moment_1, moment_2].map(Tensor::from_dispatch)
}

impl Step {
    /// Makes it on weight, first and second moment.
    fn apply(self, state: [&mut [f32]; 3], gradient: &[f32]) {
        let [weight, moment_1, moment_2] = state.map(|part| part.par_chunks_mut(CHUNK));
        weight
            .zip(moment_1)
            .zip(moment_2)
            .zip(gradient.par_chunks(CHUNK))
            .for_each(|(((weight, moment_1), moment_2), gradient)| {
                let state = weight.iter_mut().zip(moment_1).zip(moment_2);
                for (((w, m), v), g) in state.zip(gradient) {
                    *m = without_faded(self.beta_1 * *m + (1.0 - self.beta_1) * g);
                    *v = without_faded(self.beta_2 * *v + (1.0 - self.beta_2) * g * g);
                    *w = self.kept * *w - self.rate * *m / (v.sqrt() * self.scale + self.epsilon);
                }
            });
    }
}

/// The number, or 0 where it has faded.
fn without_faded(number: f32) -> f32 {
    if number.abs() < FADED { 0.0 } else { number }
}

#[cfg(feature = "flex")]
mod flex {
    use burn::backend::Flex;

    use super::{FloatTensor, InMemory, Step};

    type Primitive = FloatTensor<Flex>;

    impl InMemory for Flex {
        fn step(
            weight: Primitive,
            moment_1: Primitive,
            moment_2: Primitive,
            gradient: Primitive,
            step: Step,
        ) -> (Primitive, Primitive, Primitive) {
            // The numbers of all of them in a row, and no others; each by itself, or it would be copied.
            let in_a_row = |tensor: Primitive| tensor.to_contiguous();
            let [mut weight, mut moment_1, mut moment_2] =
                [weight, moment_1, moment_2].map(in_a_row);
            let gradient = in_a_row(gradient);
            step.apply(
                [&mut weight, &mut moment_1, &mut moment_2].map(|tensor| tensor.storage_mut()),
                gradient.storage(),
            );
            (weight, moment_1, moment_2)
        }
    }
}

#[cfg(feature = "libtorch")]
mod libtorch {
    use burn::backend::LibTorch;

    use super::{FloatTensor, InMemory, Step};

    type Primitive = FloatTensor<LibTorch>;

    impl InMemory for LibTorch {
        fn step(
            weight: Primitive,
            moment_1: Primitive,
            moment_2: Primitive,
            gradient: Primitive,
            step: Step,
        ) -> (Primitive, Primitive, Primitive) {
            let mut state = [weight, moment_1, moment_2].map(owned);
            let gradient = Primitive::new(gradient.tensor.contiguous());
            #[expect(unsafe_code, reason = "the library gives pointers")]
            // SAFETY: all lie in memory ([`super::is_possible`]), have as many numbers of 32 bits in a row as
            // the slices say, and live as long; nobody else reads or writes what is in `state`.
            unsafe {
                let numbers = state.each_mut().map(|part| {
                    let part = &mut part.tensor;
                    std::slice::from_raw_parts_mut(part.data_ptr().cast(), part.numel())
                });
                let gradient = &gradient.tensor;
                let gradient = std::slice::from_raw_parts(
                    gradient.data_ptr().cast_const().cast(),
                    gradient.numel(),
                );
                step.apply(numbers, gradient);
            }
            let [weight, moment_1, moment_2] = state;
            (weight, moment_1, moment_2)
        }
    }

    /// The tensor with its numbers in a row, and nobody else's.
    fn owned(tensor: Primitive) -> Primitive {
        match tensor.can_mut() && tensor.tensor.is_contiguous() {
            true => tensor,
            false => Primitive::new(tensor.tensor.contiguous().copy()),
        }
    }
}
