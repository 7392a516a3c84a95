//! Pigments: the eleven colour names as light, base and shade, and the arithmetic of mixing.

use crate::attribute::Colour;

/// An sRGB colour, 0..255 a channel, with fractions so that mixing does not round.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rgb {
    pub(super) r: f32,
    pub(super) g: f32,
    pub(super) b: f32,
}

/// Shorthand for a colour given in 8 bits a channel.
pub(super) const fn rgb(r: u8, g: u8, b: u8) -> Rgb {
    Rgb {
        r: r as f32,
        g: g as f32,
        b: b as f32,
    }
}

/// Paper white.
pub(super) const WHITE: Rgb = rgb(250, 248, 242);
/// The darkest line: warm ink.
pub(super) const INK: Rgb = rgb(38, 34, 44);

impl Rgb {
    /// `self` at 0, `other` at 1.
    pub(super) fn mix(self, other: Self, share: f32) -> Self {
        let blend = |a: f32, b: f32| a + (b - a) * share;
        Self {
            r: blend(self.r, other.r),
            g: blend(self.g, other.g),
            b: blend(self.b, other.b),
        }
    }

    /// Channel-wise product with gains.
    pub(super) fn gain(self, r: f32, g: f32, b: f32) -> Self {
        Self {
            r: (self.r * r).min(255.0),
            g: (self.g * g).min(255.0),
            b: (self.b * b).min(255.0),
        }
    }

    /// Mixed towards white.
    pub(super) fn lighter(self, share: f32) -> Self {
        self.mix(rgb(255, 250, 236), share)
    }

    /// Mixed towards a cool dark, as shade under a blue sky is.
    pub(super) fn darker(self, share: f32) -> Self {
        self.mix(self.gain(0.34, 0.32, 0.46), share)
    }

    /// 8 bits a channel.
    pub(super) fn bytes(self) -> [u8; 3] {
        [self.r, self.g, self.b].map(|v| v.round().clamp(0.0, 255.0) as u8)
    }
}

/// A pigment in light, by itself, and in shade.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tones {
    pub(super) light: Rgb,
    pub(super) base: Rgb,
    pub(super) dark: Rgb,
}

impl Tones {
    /// Light and shade of a base colour by the common rule.
    pub(super) fn of(base: Rgb) -> Self {
        Self {
            light: base.lighter(0.22),
            base,
            dark: base.darker(0.38),
        }
    }
}

/// The pigment of a colour name. Chosen so that the names stay apart in daylight, at sunset and at
/// night: neighbours in hue (red, brown, orange) differ in lightness, greys are neutral.
pub(super) fn pigment(colour: Colour) -> Tones {
    let (light, base, dark) = match colour {
        Colour::Red => (rgb(238, 92, 76), rgb(214, 46, 44), rgb(150, 26, 44)),
        Colour::Orange => (rgb(255, 172, 80), rgb(246, 134, 32), rgb(200, 88, 24)),
        Colour::Yellow => (rgb(255, 232, 120), rgb(250, 208, 44), rgb(214, 158, 30)),
        Colour::Green => (rgb(92, 196, 112), rgb(38, 152, 84), rgb(18, 98, 72)),
        Colour::Blue => (rgb(98, 160, 240), rgb(46, 104, 208), rgb(28, 62, 148)),
        Colour::Purple => (rgb(172, 126, 218), rgb(130, 74, 186), rgb(82, 42, 132)),
        Colour::Pink => (rgb(255, 192, 210), rgb(250, 146, 182), rgb(214, 96, 146)),
        Colour::Brown => (rgb(164, 112, 70), rgb(126, 78, 44), rgb(80, 46, 32)),
        Colour::Black => (rgb(82, 82, 94), rgb(46, 45, 54), rgb(24, 22, 32)),
        Colour::White => (rgb(255, 255, 252), rgb(244, 242, 236), rgb(198, 202, 214)),
        Colour::Grey => (rgb(176, 178, 184), rgb(140, 143, 150), rgb(98, 102, 114)),
    };
    Tones { light, base, dark }
}
