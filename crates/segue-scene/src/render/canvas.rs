//! The canvas: picture and maps, painted together object by object.
//!
//! Each object is drawn on a layer of its own and laid over the picture; where its coverage is at
//! least one half, the maps become the object's. Picture and maps therefore come from the very
//! same coverage, and what is drawn outside the layer (shadows, light) is in no map.

use tiny_skia::{
    BlendMode, Color, FillRule, GradientStop, LinearGradient, Mask, Paint, Path, Pixmap,
    PremultipliedColorU8, RadialGradient, Shader, SpreadMode, Transform,
};

use super::colour::{Rgb, rgb};
use super::light::{Light, Surface};
use super::sketch::{Ink, Mark, Role, Sketch};
use crate::map::PanopticMap;
use crate::palette::class;

/// What shadows darken to.
const SHADOW: Rgb = rgb(24, 26, 62);

/// What the maps say of an object's pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Label {
    pub(super) class: u8,
    pub(super) instance: u8,
    /// Value of the colour map, 0 for none.
    pub(super) colour: u8,
    /// Value of the state map, 0 for none.
    pub(super) state: u8,
}

/// Where an object stands, in pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) x0: f32,
    pub(super) y0: f32,
    pub(super) x1: f32,
    pub(super) y1: f32,
    /// Left and right change places.
    pub(super) mirrored: bool,
}

/// How light falls on an object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Exposure {
    pub(super) light: Light,
    pub(super) surface: Surface,
    pub(super) depth: f32,
}

/// Picture and maps in the making.
pub(super) struct Canvas {
    pub(super) picture: Pixmap,
    pub(super) map: PanopticMap,
    pub(super) colours: Vec<u8>,
    pub(super) states: Vec<u8>,
}

impl Canvas {
    /// An empty canvas, void all over.
    ///
    /// # Panics
    /// If a side is 0.
    pub(super) fn new(width: u32, height: u32, background: Rgb) -> Self {
        let mut picture = Pixmap::new(width, height).expect("the size was checked by the caller");
        picture.fill(opaque(background));
        let n = width as usize * height as usize;
        Self {
            picture,
            map: PanopticMap::new(width as usize, height as usize),
            colours: vec![0; n],
            states: vec![0; n],
        }
    }

    /// Width and height in pixels.
    pub(super) fn size(&self) -> [f32; 2] {
        [self.map.width as f32, self.map.height as f32]
    }

    /// Paints a sketch so that its silhouette fills the frame, and writes its label into the maps.
    pub(super) fn paint(&mut self, sketch: &Sketch, frame: Frame, label: Label, to: Exposure) {
        let Some(fit) = sketch.bounds().and_then(|bounds| fit(bounds, frame)) else {
            return;
        };
        for mark in sketch.marks.iter().filter(|mark| mark.role == Role::Below) {
            stroke_of(
                &mut self.picture,
                &mark.path,
                mark.ink,
                fit,
                to,
                BlendMode::SourceOver,
            );
        }
        self.paint_layer(sketch, frame, label, to, fit);
        for mark in sketch.marks.iter().filter(|mark| mark.role == Role::Above) {
            stroke_of(
                &mut self.picture,
                &mark.path,
                mark.ink,
                fit,
                to,
                BlendMode::SourceOver,
            );
        }
    }

    /// Darkens an oval of what lies there, softly at its rim; centre and radii in pixels. Nothing
    /// falls on the backdrop (sky to mountains), and no map shows it.
    pub(super) fn cast(&mut self, cx: f32, cy: f32, rx: f32, ry: f32, alpha: f32) {
        let (w, h) = (self.map.width, self.map.height);
        let span = |from: f32, to: f32, n: usize| {
            let end = |v: f32| v.clamp(0.0, n as f32) as usize;
            end(from.floor())..end(to.ceil())
        };
        let soft = 1.4 / ry.min(rx).max(1.0);
        for y in span(cy - ry, cy + ry, h) {
            let dy = (y as f32 + 0.5 - cy) / ry;
            for x in span(cx - rx, cx + rx, w) {
                let at = y * w + x;
                if (class::SKY.0..=class::MOUNTAIN.0).contains(&self.map.classes[at]) {
                    continue;
                }
                let dx = (x as f32 + 0.5 - cx) / rx;
                let inside = (1.0 - dx.hypot(dy)) / soft.min(0.6);
                let share = alpha * inside.clamp(0.0, 1.0);
                if share > 0.0 {
                    let pixel = &mut self.picture.pixels_mut()[at];
                    let under = rgb(pixel.red(), pixel.green(), pixel.blue());
                    let [r, g, b] = under.mix(SHADOW, share).bytes();
                    *pixel = PremultipliedColorU8::from_rgba(r, g, b, 255).unwrap_or(*pixel);
                }
            }
        }
    }

    fn paint_layer(
        &mut self,
        sketch: &Sketch,
        frame: Frame,
        label: Label,
        to: Exposure,
        fit: Transform,
    ) {
        let [width, height] = self.size();
        let left = (frame.x0.floor() - 1.0).clamp(0.0, width) as usize;
        let top = (frame.y0.floor() - 1.0).clamp(0.0, height) as usize;
        let right = (frame.x1.ceil() + 1.0).clamp(0.0, width) as usize;
        let bottom = (frame.y1.ceil() + 1.0).clamp(0.0, height) as usize;
        let (w, h) = (right.saturating_sub(left), bottom.saturating_sub(top));
        let Some(mut layer) = Pixmap::new(w as u32, h as u32) else {
            return;
        };
        let place = fit.post_translate(-(left as f32), -(top as f32));
        let mut gaps: Option<Mask> = None;
        for mark in &sketch.marks {
            match mark.role {
                Role::Solid => {
                    stroke_of(
                        &mut layer,
                        &mark.path,
                        mark.ink,
                        place,
                        to,
                        BlendMode::SourceOver,
                    );
                }
                Role::Detail => {
                    stroke_of(
                        &mut layer,
                        &mark.path,
                        mark.ink,
                        place,
                        to,
                        BlendMode::SourceAtop,
                    );
                }
                Role::Gap => {
                    fill_gap(&mut gaps, mark, place, (w as u32, h as u32));
                }
                Role::Below | Role::Above => {}
            }
        }
        for y in 0..h {
            let from = (top + y) * self.map.width + left;
            let source = &layer.pixels()[y * w..(y + 1) * w];
            let gap = gaps.as_ref().map(|mask| &mask.data()[y * w..(y + 1) * w]);
            let target = &mut self.picture.pixels_mut()[from..from + w];
            for (x, (over, under)) in source.iter().zip(target).enumerate() {
                let mut coverage = over.alpha();
                if coverage > 0 {
                    *under = blend(*over, *under);
                }
                if let Some(gap) = gap {
                    coverage = coverage.max(gap[x]);
                }
                if coverage >= 128 {
                    let at = from + x;
                    self.map.classes[at] = label.class;
                    self.map.instances[at] = label.instance;
                    self.colours[at] = label.colour;
                    self.states[at] = label.state;
                }
            }
        }
    }
}

/// How much of each cell a sketch covers, 0..255, where its silhouette fills `side` x `side` cells;
/// `None` where it has no extent.
pub(super) fn coverage(sketch: &Sketch, mirrored: bool, side: u32) -> Option<Vec<u8>> {
    let frame = Frame {
        x0: 0.0,
        y0: 0.0,
        x1: side as f32,
        y1: side as f32,
        mirrored,
    };
    let place = fit(sketch.bounds()?, frame)?;
    let mut layer = Pixmap::new(side, side)?;
    let mut gaps: Option<Mask> = None;
    for mark in &sketch.marks {
        match mark.role {
            Role::Solid => {
                let paint = Paint {
                    shader: Shader::SolidColor(clear(rgb(0, 0, 0), opacity(mark.ink))),
                    anti_alias: true,
                    ..Paint::default()
                };
                layer.fill_path(&mark.path, &paint, FillRule::Winding, place, None);
            }
            Role::Gap => fill_gap(&mut gaps, mark, place, (side, side)),
            Role::Detail | Role::Below | Role::Above => {}
        }
    }
    let mut covered: Vec<u8> = layer.pixels().iter().map(|pixel| pixel.alpha()).collect();
    if let Some(gaps) = gaps {
        for (cell, gap) in covered.iter_mut().zip(gaps.data()) {
            *cell = (*cell).max(*gap);
        }
    }
    Some(covered)
}

/// How much an ink hides of what lies below it, at most.
fn opacity(ink: Ink) -> f32 {
    match ink {
        Ink::Flat(_) | Ink::Ramp(..) => 1.0,
        Ink::Veil(_, alpha) | Ink::Glow(_, alpha) | Ink::Halo(_, _, _, alpha) => alpha,
    }
}

/// Adds a gap to the mask of gaps, which begins with the first one.
fn fill_gap(gaps: &mut Option<Mask>, mark: &Mark, place: Transform, (w, h): (u32, u32)) {
    if gaps.is_none() {
        *gaps = Mask::new(w, h);
    }
    if let Some(mask) = gaps {
        mask.fill_path(&mark.path, FillRule::Winding, true, place);
    }
}

/// The transform that lays the design bounds onto the frame.
fn fit(bounds: tiny_skia::Rect, frame: Frame) -> Option<Transform> {
    let (width, height) = (frame.x1 - frame.x0, frame.y1 - frame.y0);
    if bounds.width() <= 0.0 || bounds.height() <= 0.0 {
        return None;
    }
    let mut sx = width / bounds.width();
    let sy = height / bounds.height();
    let mut tx = frame.x0 - bounds.left() * sx;
    if frame.mirrored {
        sx = -sx;
        tx = frame.x1 - bounds.left() * sx;
    }
    Some(Transform::from_row(
        sx,
        0.0,
        0.0,
        sy,
        tx,
        frame.y0 - bounds.top() * sy,
    ))
}

/// Source over, both premultiplied.
fn blend(over: PremultipliedColorU8, under: PremultipliedColorU8) -> PremultipliedColorU8 {
    if over.alpha() == 255 {
        return over;
    }
    let rest = 255 - u16::from(over.alpha());
    let channel = |o: u8, u: u8| {
        let scaled = (u16::from(u) * rest + 127) / 255;
        (u16::from(o) + scaled).min(255) as u8
    };
    // The picture below is opaque, so the sum is opaque too.
    PremultipliedColorU8::from_rgba(
        channel(over.red(), under.red()),
        channel(over.green(), under.green()),
        channel(over.blue(), under.blue()),
        255,
    )
    .unwrap_or(under)
}

fn stroke_of(
    target: &mut Pixmap,
    path: &Path,
    ink: Ink,
    place: Transform,
    to: Exposure,
    blend_mode: BlendMode,
) {
    let lit = |colour: Rgb| to.light.on(colour, to.surface, to.depth);
    let stops =
        |from: Color, to: Color| vec![GradientStop::new(0.0, from), GradientStop::new(1.0, to)];
    let at = |(x, y): (f32, f32)| tiny_skia::Point::from_xy(x, y);
    let shader = match ink {
        Ink::Flat(colour) => Some(Shader::SolidColor(opaque(lit(colour)))),
        Ink::Veil(colour, alpha) => Some(Shader::SolidColor(clear(lit(colour), alpha))),
        Ink::Glow(colour, alpha) => Some(Shader::SolidColor(clear(colour, alpha))),
        Ink::Ramp(start, from, end, to) => LinearGradient::new(
            at(start),
            at(end),
            stops(opaque(lit(from)), opaque(lit(to))),
            SpreadMode::Pad,
            Transform::identity(),
        ),
        Ink::Halo(centre, radius, colour, alpha) => RadialGradient::new(
            at(centre),
            0.0,
            at(centre),
            radius,
            stops(clear(colour, alpha), clear(colour, 0.0)),
            SpreadMode::Pad,
            Transform::identity(),
        ),
    };
    if let Some(shader) = shader {
        let paint = Paint {
            shader,
            blend_mode,
            anti_alias: true,
            ..Paint::default()
        };
        target.fill_path(path, &paint, FillRule::Winding, place, None);
    }
}

fn opaque(colour: Rgb) -> Color {
    clear(colour, 1.0)
}

fn clear(colour: Rgb, alpha: f32) -> Color {
    let [r, g, b] = colour.bytes();
    Color::from_rgba8(r, g, b, (alpha.clamp(0.0, 1.0) * 255.0).round() as u8)
}
