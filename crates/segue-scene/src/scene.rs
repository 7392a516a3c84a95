//! The scene graph: a plan with the relations that were meant.

use crate::clause::Relation;
use crate::plan::Plan;

/// A relation that holds between objects of a scene, clearly enough to be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RelationEdge {
    /// Object id of the subject.
    pub subject: u8,
    /// The relation.
    pub relation: Relation,
    /// Object id of the object.
    pub object: u8,
    /// Object id of the second object of `between`.
    pub object2: Option<u8>,
}

/// A scene of the world: everything that is true in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// Objects with boxes, attributes, parts and depth.
    pub plan: Plan,
    /// Relations that hold with a margin, so that they can be said in a caption and are seen on
    /// the rendered map.
    pub relations: Vec<RelationEdge>,
}

/// Which part of the data a scene belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// For training.
    Train,
    /// For choosing.
    Val,
    /// For reporting.
    Test,
    /// Only scenes with a combination that never occurs in train.
    Compositional,
}
