//! Light: what time of day and distance do to a pigment.

use super::colour::{Rgb, rgb};
use crate::attribute::TimeOfDay;
use crate::palette::class;
use crate::plan::Plan;

/// How much the time of day may change a surface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Surface {
    /// Ground, plants, mountains: they take the mood of the light.
    Natural,
    /// Pale ground: it takes the mood and stays pale.
    Pale,
    /// Things whose colour is said: the mood stays mild, so that the name of the colour holds.
    Named,
    /// Sky, sun, moon, clouds: drawn in their final colours.
    Sky,
}

/// The light of a scene.
#[derive(Debug, Clone, Copy)]
pub(super) struct Light {
    /// Time of day; day where the plan does not say.
    pub(super) time: TimeOfDay,
    /// Where the light comes from: -1 left, 1 right.
    pub(super) side: f32,
    /// Where sun or moon stand, as a fraction of the picture's width.
    pub(super) source: Option<f32>,
}

impl Light {
    /// The light of a plan: from the side of its sun or moon, else from the left.
    pub(super) fn of(plan: &Plan) -> Self {
        let source = plan
            .objects
            .iter()
            .find(|object| object.class == class::SUN || object.class == class::MOON);
        let source = source.map(|object| object.bbox.centre().0);
        let side = if source.is_some_and(|x| x > 0.5) {
            1.0
        } else {
            -1.0
        };
        Self {
            time: plan.scene.time.unwrap_or(TimeOfDay::Day),
            side,
            source,
        }
    }

    /// Whether it is night.
    pub(super) fn is_night(&self) -> bool {
        self.time == TimeOfDay::Night
    }

    /// One of three by the time of day.
    pub(super) fn choose<T>(&self, day: T, sunset: T, night: T) -> T {
        match self.time {
            TimeOfDay::Day => day,
            TimeOfDay::Sunset => sunset,
            TimeOfDay::Night => night,
        }
    }

    /// The colour of the air above the horizon, into which far things fade.
    pub(super) fn haze(&self) -> Rgb {
        self.choose(rgb(206, 228, 240), rgb(240, 186, 150), rgb(66, 80, 128))
    }

    /// A pigment in this light at a depth (0 near .. 1 far).
    pub(super) fn on(&self, pigment: Rgb, surface: Surface, depth: f32) -> Rgb {
        let lit = match (self.time, surface) {
            (_, Surface::Sky) => return pigment,
            (TimeOfDay::Day, _) => pigment,
            (TimeOfDay::Sunset, Surface::Named) => pigment.gain(1.03, 0.94, 0.88),
            (TimeOfDay::Sunset, Surface::Natural) => {
                pigment.gain(1.0, 0.86, 0.76).mix(rgb(216, 110, 96), 0.1)
            }
            (TimeOfDay::Sunset, Surface::Pale) => pigment.gain(1.0, 0.9, 0.86),
            (TimeOfDay::Night, Surface::Pale) => {
                pigment.gain(0.56, 0.62, 0.74).mix(rgb(24, 36, 92), 0.1)
            }
            (TimeOfDay::Night, Surface::Named) => {
                pigment.gain(0.86, 0.86, 0.92).mix(rgb(26, 34, 92), 0.07)
            }
            (TimeOfDay::Night, Surface::Natural) => {
                pigment.gain(0.42, 0.52, 0.62).mix(rgb(24, 40, 96), 0.2)
            }
        };
        let depth = depth.clamp(0.0, 1.0);
        // By night the air is dark: it would turn grey into black and orange into brown.
        let fade = match (surface, self.time) {
            (Surface::Named, TimeOfDay::Night) => 0.1,
            (Surface::Named, _) => 0.24,
            _ => 0.42,
        };
        lit.mix(self.haze(), depth * depth * fade)
    }
}
