//! Where samples come from: the scene world, or a data set of the field.

use segue_scene::palette::Palette;

use crate::error::DataError;
use crate::manifest::{Instances, Part, Recipe};
use crate::sample::Sample;

/// Samples by number. The same source gives the same sample for the same number, whatever was
/// drawn before: this is what makes a write resumable and parallel.
pub trait Source: Sync {
    /// How the samples are made.
    fn recipe(&self) -> Recipe;

    /// The classes.
    fn palette(&self) -> &Palette;

    /// The splits, in the order of the samples.
    fn parts(&self) -> Vec<Part>;

    /// Where the values of the instance maps come from.
    fn instances(&self) -> Instances;

    /// Width and height of every sample; `None` where each has its own.
    fn size(&self) -> Option<[u32; 2]>;

    /// Sample `index`.
    ///
    /// # Errors
    /// [`DataError`] where a file of the source cannot be used.
    fn sample(&self, index: usize) -> Result<Sample, DataError>;
}
