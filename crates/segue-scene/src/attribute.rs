//! What can be said of a thing or of a whole scene: colour, size, state, time of day.

use serde::{Deserialize, Serialize};

/// Declares an enum of named values with its names, its order and its parser in one place.
macro_rules! named_values {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            /// Every value, in the order of its [`index`](Self::index).
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The English name, as every file and message has it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The value of that name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$variant),)+ _ => None }
            }

            /// Position in [`Self::ALL`], from 0. Maps store `index + 1` and keep 0 for "none".
            pub const fn index(self) -> usize {
                self as usize
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

named_values! {
    /// The colour names of the world.
    Colour {
        /// Red.
        Red = "red",
        /// Orange.
        Orange = "orange",
        /// Yellow.
        Yellow = "yellow",
        /// Green.
        Green = "green",
        /// Blue.
        Blue = "blue",
        /// Purple.
        Purple = "purple",
        /// Pink.
        Pink = "pink",
        /// Brown.
        Brown = "brown",
        /// Black.
        Black = "black",
        /// White.
        White = "white",
        /// Grey.
        Grey = "grey",
    }
}

named_values! {
    /// What a thing is doing.
    State {
        /// Head down in the grass (sheep, cow, horse).
        Eating = "eating",
        /// Upright on its legs (sheep, cow, horse, person, bird).
        Standing = "standing",
        /// Down on the ground (sheep, cow, horse).
        Lying = "lying",
        /// On its haunches, or on a seat (dog, cat, person).
        Sitting = "sitting",
        /// Legs stretched in full run (dog, cat).
        Running = "running",
        /// Standing still at the road side, lights off, nobody inside (car).
        Parked = "parked",
        /// On its way, with a driver, lights on (car).
        Driving = "driving",
        /// In the air with spread wings (bird).
        Flying = "flying",
    }
}

named_values! {
    /// How large a thing is beside the mean of its class at the same depth.
    Size {
        /// Clearly below the mean height.
        Small = "small",
        /// Clearly above the mean height.
        Large = "large",
        /// Clearly higher than the mean, said of trees and houses.
        Tall = "tall",
    }
}

named_values! {
    /// The light of a scene.
    TimeOfDay {
        /// Daylight.
        Day = "day",
        /// Low, warm sun.
        Sunset = "sunset",
        /// Night.
        Night = "night",
    }
}

/// One value that a clause can ask of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Attribute {
    /// Colour of a thing.
    Colour(Colour),
    /// Size of a thing.
    Size(Size),
    /// State of a thing.
    State(State),
    /// Time of day of the scene.
    Time(TimeOfDay),
}

impl Attribute {
    /// The English name; names are unique across the four kinds.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Colour(v) => v.name(),
            Self::Size(v) => v.name(),
            Self::State(v) => v.name(),
            Self::Time(v) => v.name(),
        }
    }

    /// The attribute of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Colour::from_name(name)
            .map(Self::Colour)
            .or_else(|| Size::from_name(name).map(Self::Size))
            .or_else(|| State::from_name(name).map(Self::State))
            .or_else(|| TimeOfDay::from_name(name).map(Self::Time))
    }
}

/// The attributes of one object; `None` where the class has none or nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attributes {
    /// Colour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colour: Option<Colour>,
    /// Size; `None` is the ordinary size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Size>,
    /// State.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
}
