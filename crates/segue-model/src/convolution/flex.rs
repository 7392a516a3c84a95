//! The convolution on the CPU: what every output sees is unfolded into a column, for some rows of a
//! picture at a time, and all of it is matrix products (Chellapilla et al. 2006).

use std::ops::Range;

use burn::backend::Flex;
use burn::backend::tensor::FloatTensor;
use burn::tensor::TensorData;
use burn::tensor::ops::ConvOptions;

use super::own::{Convolution, Convolve};
#[cfg(feature = "training")]
use crate::in_memory::sum;
use crate::in_memory::{InMemory, Then, at_least};
use crate::threads::{self, share};

type Primitive = FloatTensor<Flex>;

/// Numbers that are unfolded at a time: half of what a core's own cache holds.
const UNFOLDED: usize = 1 << 17;

/// The sizes of a convolution.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    batch: usize,
    c_in: usize,
    c_out: usize,
    image: [usize; 2],
    out: [usize; 2],
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
    dilation: [usize; 2],
}

impl Convolve for Flex {
    fn convolve(
        x: Primitive,
        weight: Primitive,
        bias: Primitive,
        Convolution { options, then }: Convolution,
    ) -> Primitive {
        let sizes = Sizes::new(&x, &weight, &options);
        let inputs = [x, weight, bias].map(Self::in_a_row);
        let [x, weight, bias] = inputs.each_ref().map(Self::numbers);
        let output = sizes.forward(x, weight, bias, then);
        let [h, w] = sizes.out;
        primitive(output, [sizes.batch, sizes.c_out, h, w])
    }
}

fn primitive<const D: usize>(numbers: Vec<f32>, shape: [usize; D]) -> Primitive {
    Primitive::from_data(TensorData::new(numbers, shape))
}

impl Sizes {
    fn new(x: &Primitive, weight: &Primitive, options: &ConvOptions<2>) -> Self {
        let [batch, c_in, h, w] = x.layout().shape().dims();
        let [c_out, c_seen, kernel_h, kernel_w] = weight.layout().shape().dims();
        assert_eq!(c_in, c_seen, "every output sees all channels");
        assert_eq!(options.groups, 1, "channels are in one group");
        let (kernel, padding) = ([kernel_h, kernel_w], options.symmetric_padding());
        let out = [0, 1].map(|axis| {
            let reach = options.dilation[axis] * (kernel[axis] - 1) + 1;
            let padded = [h, w][axis] + 2 * padding[axis];
            assert!(padded >= reach, "the kernel is larger than the picture");
            (padded - reach) / options.stride[axis] + 1
        });
        Self {
            batch,
            c_in,
            c_out,
            image: [h, w],
            out,
            kernel,
            stride: options.stride,
            padding,
            dilation: options.dilation,
        }
    }

    /// Numbers in a picture.
    fn image_len(&self) -> usize {
        self.c_in * self.image[0] * self.image[1]
    }

    /// Positions in a channel of the output.
    fn positions(&self) -> usize {
        self.out[0] * self.out[1]
    }

    /// Numbers that one output sees.
    fn patch(&self) -> usize {
        self.c_in * self.kernel[0] * self.kernel[1]
    }

    /// The rows of the output, so many at a time that their columns stay in a core's cache.
    fn tiles(&self, at_most: usize) -> impl Iterator<Item = Range<usize>> + use<> {
        let rows = self.out[0];
        let fit = UNFOLDED / (self.patch() * self.out[1]);
        let at_a_time = fit.min(at_most).clamp(1, rows);
        (0..rows)
            .step_by(at_a_time)
            .map(move |start| start..(start + at_a_time).min(rows))
    }

    /// Where in a picture a tap of the kernel falls for every position along an axis: the positions
    /// for which it is inside, and where it is for the first of these.
    fn inside(&self, axis: usize, tap: usize) -> (Range<usize>, usize) {
        let (stride, padding) = (self.stride[axis], self.padding[axis]);
        let offset = tap * self.dilation[axis];
        let start = padding.saturating_sub(offset).div_ceil(stride);
        let end = (self.image[axis] + padding)
            .saturating_sub(offset)
            .div_ceil(stride)
            .min(self.out[axis]);
        let start = start.min(end);
        (
            start..end,
            (start * stride + offset).saturating_sub(padding),
        )
    }

    /// Calls with every line of a tile of columns and the line of the picture that it is, or none where
    /// the kernel is outside: line, positions along it that are inside, and where the first of them is.
    fn lines(
        &self,
        rows: Range<usize>,
        mut visit: impl FnMut(Range<usize>, Option<usize>, (Range<usize>, usize)),
    ) {
        let ([h, w], [kernel_h, kernel_w], width) = (self.image, self.kernel, self.out[1]);
        let mut line = 0;
        for channel in 0..self.c_in {
            for tap_y in 0..kernel_h {
                let (inside, first) = self.inside(0, tap_y);
                for tap_x in 0..kernel_w {
                    let along = self.inside(1, tap_x);
                    for row in rows.clone() {
                        let is_inside = inside.contains(&row) && !along.0.is_empty();
                        let source = is_inside.then(|| {
                            let y = first + (row - inside.start) * self.stride[0];
                            (channel * h + y) * w
                        });
                        visit(line..line + width, source, along.clone());
                        line += width;
                    }
                }
            }
        }
    }

    /// Whether the columns of a picture are the picture.
    fn is_pointwise(&self) -> bool {
        (self.kernel, self.stride, self.padding) == ([1, 1], [1, 1], [0, 0])
    }

    /// The columns of some rows of the output, `[c_in * kernel_h * kernel_w, rows * w_out]`, unfolded into
    /// `room` where they are not there as they are.
    fn columns<'a>(
        &self,
        image: &'a [f32],
        rows: Range<usize>,
        room: &'a mut Vec<f32>,
    ) -> Matrix<'a> {
        let shape = [self.patch(), rows.len() * self.out[1]];
        if self.is_pointwise() {
            return Matrix {
                numbers: &image[rows.start * self.out[1]..],
                shape,
                strides: [self.positions(), 1],
            };
        }
        room.resize(shape[0] * shape[1], 0.0);
        self.unfold(image, rows, room);
        Matrix::new(room, shape)
    }

    fn unfold(&self, image: &[f32], rows: Range<usize>, columns: &mut [f32]) {
        let stride = self.stride[1];
        self.lines(rows, |line, source, (inside, first)| {
            let line = &mut columns[line];
            let Some(source) = source else {
                return line.fill(0.0);
            };
            line[..inside.start].fill(0.0);
            line[inside.end..].fill(0.0);
            let seen = &image[source + first..];
            let line = &mut line[inside];
            match stride {
                1 => line.copy_from_slice(&seen[..line.len()]),
                _ => {
                    for (to, from) in line.iter_mut().zip(seen.iter().step_by(stride)) {
                        *to = *from;
                    }
                }
            }
        });
    }

    /// Adds to a picture what its columns hold: the transpose of [`unfold`](Self::unfold).
    #[cfg(feature = "training")]
    fn fold(&self, columns: &[f32], rows: Range<usize>, image: &mut [f32]) {
        let stride = self.stride[1];
        self.lines(rows, |line, source, (inside, first)| {
            let Some(source) = source else { return };
            let line = &columns[line][inside];
            let seen = &mut image[source + first..];
            match stride {
                1 => {
                    for (to, from) in seen.iter_mut().zip(line) {
                        *to += *from;
                    }
                }
                _ => {
                    for (to, from) in seen.iter_mut().step_by(stride).zip(line) {
                        *to += *from;
                    }
                }
            }
        });
    }

    fn forward(&self, x: &[f32], weight: &[f32], bias: &[f32], then: Then) -> Vec<f32> {
        let (patch, positions) = (self.patch(), self.positions());
        // A single picture is work for all threads, too.
        let at_most = (self.batch * self.out[0]).div_ceil(threads::count());
        let tiles: Vec<_> = x
            .chunks_exact(self.image_len())
            .flat_map(|image| self.tiles(at_most).map(move |rows| (image, rows)))
            .collect();
        let products = share(tiles, |columns, (image, rows)| {
            let tile = rows.len() * self.out[1];
            let mut product = vec![0.0; self.c_out * tile];
            let weight = Matrix::new(weight, [self.c_out, patch]);
            multiply(
                weight,
                self.columns(image, rows, columns),
                &mut product,
                0.0,
            );
            product
        });
        let mut output = vec![0.0; self.batch * self.c_out * positions];
        let images: Vec<_> = output
            .chunks_exact_mut(self.c_out * positions)
            .zip(products.chunks_exact(products.len() / self.batch))
            .collect();
        share(images, |_, (image, products)| {
            for (product, rows) in products.iter().zip(self.tiles(at_most)) {
                let tile = rows.start * self.out[1]..rows.end * self.out[1];
                let channels = image.chunks_exact_mut(positions).zip(bias);
                for ((channel, bias), product) in channels.zip(product.chunks_exact(tile.len())) {
                    for (to, from) in channel[tile.clone()].iter_mut().zip(product) {
                        *to = at_least(then.least(), from + bias);
                    }
                }
            }
        });
        output
    }
}

#[cfg(feature = "training")]
mod learning {
    use super::*;
    use burn::backend::ops::ActivationOps;

    use crate::convolution::gradient::{Differentiable, Inputs};

    impl Differentiable for Flex {
        /// The output, of which a ReLU's gradient follows.
        type Trace = Option<Primitive>;

        fn traced(inputs: Inputs<Self>, bias: Primitive) -> (Primitive, Option<Primitive>) {
            let Inputs { x, weight, how } = inputs;
            let then = how.then;
            let output = Self::convolve(x, weight, bias, how);
            let trace = (then == Then::Relu).then(|| output.clone());
            (output, trace)
        }

        fn gradients(
            Inputs { x, weight, how }: &Inputs<Self>,
            trace: Option<Primitive>,
            output: Primitive,
            wanted: [bool; 3],
        ) -> [Option<Primitive>; 3] {
            let sizes = Sizes::new(x, weight, &how.options);
            let output = match trace {
                Some(activated) => Self::relu_backward(activated, output),
                None => output,
            };
            let inputs = [x, weight, &output].map(|tensor| Self::in_a_row(tensor.clone()));
            let [x, weight, output] = inputs.each_ref().map(Self::numbers);
            let Sizes {
                batch,
                c_in,
                c_out,
                image: [h, w],
                kernel: [kernel_h, kernel_w],
                ..
            } = sizes;
            let [by_x, by_weight, by_bias] = wanted;
            [
                by_x.then(|| primitive(sizes.by_input(weight, output), [batch, c_in, h, w])),
                by_weight.then(|| {
                    let shape = [c_out, c_in, kernel_h, kernel_w];
                    primitive(sizes.by_weight(x, output), shape)
                }),
                by_bias.then(|| primitive(sizes.by_bias(output), [c_out])),
            ]
        }
    }

    impl Sizes {
        fn by_input(&self, weight: &[f32], output: &[f32]) -> Vec<f32> {
            let (patch, positions) = (self.patch(), self.positions());
            let images = output.chunks_exact(self.c_out * positions).collect();
            let gradients = share(images, |columns, output| {
                let mut image = vec![0.0; self.image_len()];
                let weight = Matrix::new(weight, [self.c_out, patch]).transposed();
                if self.is_pointwise() {
                    let output = Matrix::new(output, [self.c_out, positions]);
                    multiply(weight, output, &mut image, 0.0);
                    return image;
                }
                for rows in self.tiles(usize::MAX) {
                    columns.resize(patch * rows.len() * self.out[1], 0.0);
                    multiply(weight, self.tile(output, &rows), columns, 0.0);
                    self.fold(columns, rows, &mut image);
                }
                image
            });
            gradients.concat()
        }

        fn by_weight(&self, x: &[f32], output: &[f32]) -> Vec<f32> {
            let (patch, positions) = (self.patch(), self.positions());
            let images = x
                .chunks_exact(self.image_len())
                .zip(output.chunks_exact(self.c_out * positions))
                .collect();
            let gradients = share(images, |columns, (image, output)| {
                let mut gradient = vec![0.0; self.c_out * patch];
                for rows in self.tiles(usize::MAX) {
                    let seen = self.columns(image, rows.clone(), columns).transposed();
                    multiply(self.tile(output, &rows), seen, &mut gradient, 1.0);
                }
                gradient
            });
            // In the order of the pictures, so that the sum does not depend on the number of threads.
            let mut sum = vec![0.0; self.c_out * patch];
            for gradient in gradients {
                for (sum, number) in sum.iter_mut().zip(gradient) {
                    *sum += number;
                }
            }
            sum
        }

        /// Some rows of a picture's output: `[c_out, rows * w_out]`.
        fn tile<'a>(&self, output: &'a [f32], rows: &Range<usize>) -> Matrix<'a> {
            let width = self.out[1];
            Matrix {
                numbers: &output[rows.start * width..],
                shape: [self.c_out, rows.len() * width],
                strides: [self.positions(), 1],
            }
        }

        fn by_bias(&self, output: &[f32]) -> Vec<f32> {
            let mut gradient = vec![0.0; self.c_out];
            for (index, channel) in output.chunks_exact(self.positions()).enumerate() {
                gradient[index % self.c_out] += sum(channel) as f32;
            }
            gradient
        }
    }
}

/// A matrix that is read.
#[derive(Clone, Copy)]
struct Matrix<'a> {
    numbers: &'a [f32],
    shape: [usize; 2],
    strides: [usize; 2],
}

impl<'a> Matrix<'a> {
    fn new(numbers: &'a [f32], shape: [usize; 2]) -> Self {
        let strides = [shape[1], 1];
        Self {
            numbers,
            shape,
            strides,
        }
    }

    #[cfg(feature = "training")]
    fn transposed(mut self) -> Self {
        self.shape.reverse();
        self.strides.reverse();
        self
    }

    /// The numbers that it reaches over.
    fn reach(&self) -> usize {
        let last = |axis: usize| (self.shape[axis] - 1) * self.strides[axis];
        last(0) + last(1) + 1
    }
}

/// `product = before * product + left * right`, where 0 stands for whatever was there before.
fn multiply(left: Matrix, right: Matrix, product: &mut [f32], before: f32) {
    let ([m, k], [inner, n]) = (left.shape, right.shape);
    assert_eq!(k, inner, "the matrices fit");
    assert!(m > 0 && k > 0 && n > 0, "the matrices are not empty");
    assert!(left.reach() <= left.numbers.len() && right.reach() <= right.numbers.len());
    assert_eq!(product.len(), m * n, "the product fits");
    #[expect(unsafe_code, reason = "the library takes pointers")]
    // SAFETY: what the strides reach was asserted to lie within the slices, and `product` overlaps
    // neither of the others since it is borrowed mutably.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            product.as_mut_ptr(),
            1,
            n as isize,
            before != 0.0,
            left.numbers.as_ptr(),
            left.strides[1] as isize,
            left.strides[0] as isize,
            right.numbers.as_ptr(),
            right.strides[1] as isize,
            right.strides[0] as isize,
            before,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}
