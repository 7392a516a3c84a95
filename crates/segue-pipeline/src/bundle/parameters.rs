//! The parameters of a module by name.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{ExecutionError, Tensor};

/// A parameter of a module as a bundle names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterSpec {
    /// Path of the fields that lead to it: `decoder.up4.weight`.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// The axis of the output channels where it is a layer's weight: one scale for each index along
    /// it. `None` for biases, norms, positions and other vectors of their own.
    pub channel_axis: Option<usize>,
}

/// The float parameters of a module, in the order in which Burn visits them. Random weights that
/// were not needed yet stay unmade.
pub fn parameters<M: Module>(module: &M) -> Vec<ParameterSpec> {
    let mut visitor = Specs::default();
    module.visit(&mut visitor);
    visitor.specs
}

/// A parameter with its numbers.
#[derive(Debug, Clone)]
pub struct Weight {
    /// Which one.
    pub spec: ParameterSpec,
    /// Its numbers in row-major order.
    pub values: Vec<f32>,
}

/// The numbers of a module's float parameters, read back from its device.
///
/// # Errors
/// Where the device cannot be read.
pub async fn read_weights<M: Module>(module: &M) -> Result<Vec<Weight>, ExecutionError> {
    let mut visitor = Tensors::default();
    module.visit(&mut visitor);
    let mut weights = Vec::with_capacity(visitor.tensors.len());
    for (spec, tensor) in visitor.specs.specs.into_iter().zip(visitor.tensors) {
        let data = tensor.into_data_async().await?;
        let values = data.iter::<f32>().collect();
        weights.push(Weight { spec, values });
    }
    Ok(weights)
}

#[derive(Default)]
struct Specs {
    path: Vec<String>,
    container: String,
    specs: Vec<ParameterSpec>,
}

impl ModuleVisitor for Specs {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.push(name.to_owned());
        container_type.clone_into(&mut self.container);
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.specs.push(ParameterSpec {
            name: self.path.join("."),
            shape: param.lazy_shape().to_vec(),
            channel_axis: channel_axis(&self.container, D),
        });
    }
}

/// Specs, and the tensors in one row each.
#[derive(Default)]
struct Tensors {
    specs: Specs,
    tensors: Vec<Tensor<1>>,
}

impl ModuleVisitor for Tensors {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.specs.enter_module(name, container_type);
    }

    fn exit_module(&mut self, name: &str, container_type: &str) {
        self.specs.exit_module(name, container_type);
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.specs.visit_float(param);
        // The form in which Burn saves it, which is the one that loading expects.
        let tensor = param.transform_for_save().val();
        self.tensors.push(tensor.reshape([-1]));
    }
}

/// Burn's linear layer keeps its weight as `[d_in, d_out]`; convolutions, embeddings (whose rows
/// are looked up one by one) and [`Pointwise`](segue_model::pointwise::Pointwise) begin with the
/// output.
fn channel_axis(container: &str, rank: usize) -> Option<usize> {
    match container {
        _ if rank < 2 => None,
        "Struct:Linear" => Some(1),
        "Struct:Conv2d" | "Struct:Embedding" | "Struct:Pointwise" => Some(0),
        _ => None,
    }
}
