//! Backends whose numbers lie in the program's memory, where operations of our own read and write them.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, DispatchDevice};
use burn::tensor::{DType, Device, Tensor};

/// A backend whose tensors of 32 bits lie in memory.
pub(crate) trait InMemory: Backend {
    /// The tensor with its numbers in a row.
    fn in_a_row(tensor: FloatTensor<Self>) -> FloatTensor<Self>;

    /// The numbers of a tensor that [`in_a_row`](Self::in_a_row) gave.
    fn numbers(tensor: &FloatTensor<Self>) -> &[f32];

    /// A tensor whose numbers, 0 at first, are written.
    fn written<const D: usize>(
        shape: [usize; D],
        write: impl FnOnce(&mut [f32]),
    ) -> FloatTensor<Self>;
}

/// What follows an operation, at no cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    Nothing,
    Relu,
}

impl Then {
    /// What comes of it is at least this.
    pub(crate) fn least(self) -> f32 {
        match self {
            Self::Nothing => f32::NEG_INFINITY,
            Self::Relu => 0.0,
        }
    }
}

/// The larger one. Unlike that of `f32::max`, what is not a number stays none.
pub(crate) fn at_least(least: f32, number: f32) -> f32 {
    if number < least { least } else { number }
}

/// Numbers that are added up beside each other, as fast as a processor can.
const LANES: usize = 16;

/// The sum of many numbers.
pub(crate) fn sum(numbers: &[f32]) -> f64 {
    let mut lanes = [0.0; LANES];
    let chunks = numbers.chunks_exact(LANES);
    add_up(&mut lanes, chunks.remainder().iter().copied());
    for chunk in chunks {
        add_up(&mut lanes, chunk.iter().copied());
    }
    lanes.into_iter().map(f64::from).sum()
}

/// The sum of the products of two rows of numbers.
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f64 {
    let mut lanes = [0.0; LANES];
    let (a, b) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    add_up(
        &mut lanes,
        a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b),
    );
    for (a, b) in a.zip(b) {
        add_up(&mut lanes, a.iter().zip(b).map(|(a, b)| a * b));
    }
    lanes.into_iter().map(f64::from).sum()
}

#[inline]
fn add_up(lanes: &mut [f32; LANES], numbers: impl Iterator<Item = f32>) {
    for (lane, number) in lanes.iter_mut().zip(numbers) {
        *lane += number;
    }
}

/// Whether the numbers of a tensor are of 32 bits and lie in memory.
pub(crate) fn is_in_memory<const D: usize>(tensor: &Tensor<D>) -> bool {
    tensor.dtype() == DType::F32 && computes_in_memory(tensor.device())
}

fn computes_in_memory(device: Device) -> bool {
    match device.without_autodiff().as_dispatch() {
        #[cfg(feature = "flex")]
        DispatchDevice::Flex(_) => true,
        #[cfg(feature = "libtorch")]
        DispatchDevice::LibTorch(device) => *device == Default::default(),
        #[allow(unreachable_patterns, reason = "a program may have no other devices")]
        _ => false,
    }
}

#[cfg(feature = "flex")]
mod flex {
    use burn::backend::Flex;
    use burn::tensor::TensorData;

    use super::{FloatTensor, InMemory};

    type Primitive = FloatTensor<Flex>;

    impl InMemory for Flex {
        fn in_a_row(tensor: Primitive) -> Primitive {
            tensor.to_contiguous()
        }

        fn numbers(tensor: &Primitive) -> &[f32] {
            tensor.as_slice().expect("it was made contiguous")
        }

        fn written<const D: usize>(shape: [usize; D], write: impl FnOnce(&mut [f32])) -> Primitive {
            let mut numbers = vec![0.0; shape.iter().product()];
            write(&mut numbers);
            Primitive::from_data(TensorData::new(numbers, shape))
        }
    }
}

#[cfg(feature = "libtorch")]
#[allow(deprecated, reason = "Burn's last release line with it")]
mod libtorch {
    use burn::backend::LibTorch;

    use super::{FloatTensor, InMemory};

    type Primitive = FloatTensor<LibTorch>;

    impl InMemory for LibTorch {
        fn in_a_row(tensor: Primitive) -> Primitive {
            match tensor.tensor.is_contiguous() {
                true => tensor,
                false => Primitive::new(tensor.tensor.contiguous()),
            }
        }

        fn numbers(tensor: &Primitive) -> &[f32] {
            let tensor = &tensor.tensor;
            assert!(tensor.is_contiguous(), "its numbers are in a row");
            assert_eq!(tensor.kind(), tch::Kind::Float, "numbers have 32 bits");
            assert_eq!(tensor.device(), tch::Device::Cpu, "it is in memory");
            #[expect(unsafe_code, reason = "the library gives pointers")]
            // SAFETY: it lies in memory and has so many numbers of 32 bits in a row, by the assertions;
            // the tensor lives as long as the slice, and what is shared is not written to.
            unsafe {
                std::slice::from_raw_parts(tensor.data_ptr().cast_const().cast(), tensor.numel())
            }
        }

        fn written<const D: usize>(shape: [usize; D], write: impl FnOnce(&mut [f32])) -> Primitive {
            let shape = shape.map(|n| n as i64);
            let tensor = tch::Tensor::zeros(shape, (tch::Kind::Float, tch::Device::Cpu));
            #[expect(unsafe_code, reason = "the library gives pointers")]
            // SAFETY: a new tensor lies in memory with so many numbers of 32 bits in a row, and nobody else
            // has it.
            write(unsafe {
                std::slice::from_raw_parts_mut(tensor.data_ptr().cast(), tensor.numel())
            });
            Primitive::new(tensor)
        }
    }
}
