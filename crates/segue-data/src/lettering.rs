//! Text in pictures, in Noto Sans: English and Vietnamese with all its marks.

use std::sync::OnceLock;

use ab_glyph::{Font, FontRef, PxScale, ScaleFont};
use image::{Rgb, RgbImage};

/// Text of one size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Lettering {
    /// Height from the lowest descender to the highest ascender, in pixels.
    pub(crate) height: f32,
    /// Colour of the letters.
    pub(crate) colour: Rgb<u8>,
}

fn font() -> &'static FontRef<'static> {
    static FONT: OnceLock<FontRef<'static>> = OnceLock::new();
    FONT.get_or_init(|| {
        FontRef::try_from_slice(ttf_noto_sans::REGULAR).expect("the embedded font is whole")
    })
}

impl Lettering {
    /// From one line's top to the next one's, in pixels.
    pub(crate) fn line_height(&self) -> u32 {
        (self.height * 1.08).ceil() as u32
    }

    /// Width of a line in pixels.
    pub(crate) fn width_of(&self, text: &str) -> f32 {
        let font = font().as_scaled(PxScale::from(self.height));
        text.chars()
            .map(|letter| font.h_advance(font.glyph_id(letter)))
            .sum()
    }

    /// Breaks text between words into at most `n_lines` lines of at most `width` pixels; what does
    /// not fit is replaced by an ellipsis.
    pub(crate) fn wrap(&self, text: &str, width: f32, n_lines: usize) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for word in text.split_whitespace() {
            let longer = match lines.last() {
                Some(line) => format!("{line} {word}"),
                None => word.to_owned(),
            };
            if lines.is_empty() {
                lines.push(longer);
            } else if self.width_of(&longer) <= width {
                lines.pop();
                lines.push(longer);
            } else {
                lines.push(word.to_owned());
            }
        }
        if lines.len() > n_lines {
            lines.truncate(n_lines);
            if let Some(last) = lines.last_mut() {
                last.push('…');
            }
        }
        for line in &mut lines {
            while self.width_of(line) > width && line.chars().count() > 1 {
                let is_cut = line.ends_with('…');
                line.truncate(line.trim_end_matches('…').len());
                line.pop();
                line.push('…');
                if !is_cut && line.chars().count() <= 1 {
                    break;
                }
            }
        }
        lines
    }

    /// Draws one line with its top left corner at `(x, y)`; what lies outside is cut off.
    pub(crate) fn draw(&self, picture: &mut RgbImage, x: f32, y: f32, text: &str) {
        let font = font().as_scaled(PxScale::from(self.height));
        let mut pen = x;
        let baseline = y + font.ascent();
        let mut last = None;
        for letter in text.chars() {
            let id = font.glyph_id(letter);
            if let Some(last) = last {
                pen += font.kern(last, id);
            }
            last = Some(id);
            let glyph = id.with_scale_and_position(font.scale(), ab_glyph::point(pen, baseline));
            pen += font.h_advance(id);
            let Some(outline) = font.outline_glyph(glyph) else {
                continue;
            };
            let bounds = outline.px_bounds();
            outline.draw(|dx, dy, coverage| {
                let px = bounds.min.x as i64 + i64::from(dx);
                let py = bounds.min.y as i64 + i64::from(dy);
                let (Ok(px), Ok(py)) = (u32::try_from(px), u32::try_from(py)) else {
                    return;
                };
                if let Some(pixel) = picture.get_pixel_mut_checked(px, py) {
                    let share = coverage.clamp(0.0, 1.0);
                    for (under, over) in pixel.0.iter_mut().zip(self.colour.0) {
                        let mixed = f32::from(*under) * (1.0 - share) + f32::from(over) * share;
                        *under = mixed.round() as u8;
                    }
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Lettering = Lettering {
        height: 16.0,
        colour: Rgb([0, 0, 0]),
    };

    #[test]
    fn the_font_has_every_vietnamese_letter() {
        let letters = "aăâbcdđeêghiklmnoôơpqrstuưvxy\
                       áàảãạấầẩẫậắằẳẵặéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ";
        for letter in letters
            .chars()
            .chain(letters.to_uppercase().chars())
            .chain("…·×".chars())
        {
            assert_ne!(font().glyph_id(letter).0, 0, "{letter}");
        }
    }

    #[test]
    fn lines_are_no_wider_than_asked_and_keep_the_words() {
        let text = "Hai con cừu, một con đang gặm cỏ, có một cái cây trước ngọn núi";
        let lines = PLAIN.wrap(text, 120.0, 20);
        assert!(lines.iter().all(|line| PLAIN.width_of(line) <= 120.0));
        assert_eq!(lines.join(" "), text);
    }

    #[test]
    fn what_does_not_fit_ends_in_an_ellipsis() {
        let lines = PLAIN.wrap("one two three four five six seven", 60.0, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines[1].ends_with('…') && PLAIN.width_of(&lines[1]) <= 60.0);
        let long = PLAIN.wrap(&"w".repeat(400), 60.0, 2);
        assert!(long.iter().all(|line| PLAIN.width_of(line) <= 60.0));
    }

    #[test]
    fn letters_are_drawn_and_those_outside_are_cut_off() {
        let mut picture = RgbImage::from_pixel(40, 20, Rgb([255; 3]));
        PLAIN.draw(&mut picture, 2.0, 0.0, "cừu và ngựa");
        assert!(picture.pixels().any(|pixel| pixel.0[0] < 64));
        PLAIN.draw(&mut picture, -30.0, -90.0, "cừu");
    }
}
