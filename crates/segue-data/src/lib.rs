//! Data sets on disk: what training, evaluation and people read (docs/dataset-format.md).
//!
//! A [`source::Source`] gives samples by number: the data sets of the field ([`import`]) or the
//! scene world ([`scenes`]). [`writer`] writes them so that a stopped write can be completed,
//! [`dataset`] reads them, [`check`] says what is wrong with which file, [`sheet`] draws them for
//! people to look at. This is the library that touches the disk; it draws no random number.

pub mod check;
pub mod dataset;
pub mod error;
pub mod import;
pub mod layout;
mod lettering;
pub mod manifest;
pub mod png_file;
pub mod record;
pub mod resize;
pub mod sample;
pub mod scenes;
pub mod sheet;
pub mod source;
pub mod writer;

pub use dataset::Dataset;
pub use error::DataError;
pub use sample::{Caption, Sample};
