//! Classifier-free guidance by text and map, each with its own scale.

use burn::tensor::Tensor;

/// How much more the velocity follows text and map than training taught. 1 and 1 is no guidance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Guidance {
    /// Scale of what the text adds to the map.
    pub text_scale: f64,
    /// Scale of what the map adds to nothing.
    pub map_scale: f64,
}

/// The three velocities that guidance needs, each `[batch, c, h, w]`.
#[derive(Clone, Debug)]
pub struct GuidedVelocities {
    /// Given text and map.
    pub full: Tensor<4>,
    /// Given the map alone.
    pub map_only: Tensor<4>,
    /// Given neither.
    pub unconditional: Tensor<4>,
}

impl Guidance {
    /// No guidance: the velocity given text and map is used as it is.
    pub const NONE: Self = Self {
        text_scale: 1.0,
        map_scale: 1.0,
    };

    /// Text and map followed alike.
    pub const fn by_both(scale: f64) -> Self {
        Self {
            text_scale: scale,
            map_scale: scale,
        }
    }

    /// Whether [`apply`](Self::apply) would return the full velocity, so that the other two need
    /// not be computed.
    pub fn is_none(&self) -> bool {
        *self == Self::NONE
    }

    /// `v0 + map_scale * (v_map - v0) + text_scale * (v_full - v_map)`: guidance by two conditions,
    /// Brooks et al. 2023, eq. 3 (arXiv:2211.09800), after Ho and Salimans 2022 (arXiv:2207.12598).
    ///
    /// # Shapes
    /// - output: `[batch, c, h, w]`
    pub fn apply(&self, velocities: GuidedVelocities) -> Tensor<4> {
        let GuidedVelocities {
            full,
            map_only,
            unconditional,
        } = velocities;
        unconditional.clone()
            + (map_only.clone() - unconditional).mul_scalar(self.map_scale)
            + (full - map_only).mul_scalar(self.text_scale)
    }
}
