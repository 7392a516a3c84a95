//! The stages of training, one network (or pair) each.

pub mod judge;
