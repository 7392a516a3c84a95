//! From prompt to verdict: the facade that the command line, the server and the browser share.
//!
//! No files, no clock, no choice of backend: weights come in as bytes, the device as an argument.

pub mod bundle;
pub mod drawing;
pub mod judging;
pub mod mapping;
pub mod plan_codec;
pub mod planning;
pub mod segue;
