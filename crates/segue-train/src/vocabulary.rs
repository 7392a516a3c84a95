//! From a palette to the numbers that the networks are told.

use segue_model::preset::Vocabulary;
use segue_scene::attribute::{Colour, Size, State, TimeOfDay};
use segue_scene::palette::Palette;

/// The vocabulary of a data set. Colours, sizes, states and times of day are the same for all
/// data sets; those that one does not tell are never trained.
pub fn vocabulary(palette: &Palette) -> Vocabulary {
    Vocabulary {
        n_classes: palette.len(),
        n_colours: Colour::ALL.len() + 1,
        n_sizes: Size::ALL.len() + 1,
        n_states: State::ALL.len() + 1,
        n_times: TimeOfDay::ALL.len(),
    }
}

/// The vocabulary of the scene world.
pub fn scene_vocabulary() -> Vocabulary {
    vocabulary(Palette::scene())
}
