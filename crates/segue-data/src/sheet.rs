//! Contact sheets: picture, drawn map and captions of many samples on one page.

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};
use segue_scene::clause::Language;
use segue_scene::map::PanopticMap;
use segue_scene::palette::{ClassId, ClassKind, Palette};
use segue_scene::plan::Plan;

use crate::lettering::Lettering;
use crate::sample::{Caption, Sample};

const PAGE: Rgb<u8> = Rgb([238, 240, 243]);
const CARD: Rgb<u8> = Rgb([255, 255, 255]);
const EDGE: Rgb<u8> = Rgb([214, 219, 226]);
const INK: Rgb<u8> = Rgb([30, 36, 46]);
const PALE_INK: Rgb<u8> = Rgb([94, 104, 120]);

/// Between cards, and between a card's edge and what is on it.
const GAP: u32 = 14;
const PADDING: u32 = 10;
const TITLE: Lettering = Lettering {
    height: 26.0,
    colour: INK,
};
const ENGLISH: Lettering = Lettering {
    height: 19.0,
    colour: INK,
};
const VIETNAMESE: Lettering = Lettering {
    height: 19.0,
    colour: PALE_INK,
};
/// Lines that a caption may take.
const LINES: usize = 4;

/// How samples are laid out on a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Samples in a row.
    pub columns: usize,
    /// What the longer side of a picture is scaled to, in pixels.
    pub side: u32,
    /// What is shown of a sample, side by side.
    pub panels: Panels,
}

/// What is shown of a sample, side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Panels {
    /// The picture, then its map.
    PictureAndMap,
    /// The plan's boxes, the map, the picture: the way of a prompt.
    PlanToPicture,
}

/// Draws the samples in rows below the title.
pub fn draw(title: &str, samples: &[Sample], palette: &Palette, layout: Layout) -> RgbImage {
    let columns = layout.columns.clamp(1, samples.len().max(1));
    let cards: Vec<RgbImage> = samples
        .iter()
        .map(|sample| card(sample, palette, layout))
        .collect();
    let card_width = cards
        .iter()
        .map(RgbImage::width)
        .max()
        .unwrap_or(layout.side);
    let title_lines = TITLE.wrap(
        title,
        (columns as u32 * (card_width + GAP)) as f32 - 2.0 * GAP as f32,
        2,
    );
    let header = GAP + title_lines.len() as u32 * TITLE.line_height() + GAP / 2;
    let row_heights: Vec<u32> = cards
        .chunks(columns)
        .map(|row| row.iter().map(RgbImage::height).max().unwrap_or(0))
        .collect();
    let width = GAP + columns as u32 * (card_width + GAP);
    let height = header + row_heights.iter().map(|row| row + GAP).sum::<u32>() + GAP / 2;

    let mut page = RgbImage::from_pixel(width, height, PAGE);
    for (number, line) in title_lines.iter().enumerate() {
        let y = GAP / 2 + 4 + number as u32 * TITLE.line_height();
        TITLE.draw(&mut page, GAP as f32 + 2.0, y as f32, line);
    }
    let mut y = header;
    for (row, &row_height) in cards.chunks(columns).zip(&row_heights) {
        for (column, card) in (0..).zip(row) {
            let x = GAP + column * (card_width + GAP);
            fill(&mut page, x, y, card_width, row_height, EDGE);
            fill(
                &mut page,
                x + 1,
                y + 1,
                card_width - 2,
                row_height - 2,
                CARD,
            );
            imageops::replace(&mut page, card, i64::from(x), i64::from(y));
            outline(&mut page, x, y, card_width, row_height);
        }
        y += row_height + GAP;
    }
    page
}

/// A sample: its panels side by side, captions below.
fn card(sample: &Sample, palette: &Palette, layout: Layout) -> RgbImage {
    let side = layout.side;
    let (width, height) = sample.image.dimensions();
    let scale = f64::from(side) / f64::from(width.max(height).max(1));
    let scaled = |side: u32| ((f64::from(side) * scale).round() as u32).max(1);
    let (shown_width, shown_height) = (scaled(width), scaled(height));
    let picture = imageops::resize(
        &sample.image,
        shown_width,
        shown_height,
        FilterType::CatmullRom,
    );
    let map = drawn_map(&sample.maps.map, palette, shown_width, shown_height);
    let panels = match (layout.panels, &sample.plan) {
        (Panels::PlanToPicture, Some(plan)) => {
            let plan = drawn_plan(plan, palette, shown_width, shown_height);
            vec![plan, map, picture]
        }
        (Panels::PlanToPicture, None) => vec![map, picture],
        (Panels::PictureAndMap, _) => vec![picture, map],
    };

    let inner_width = panels.len() as u32 * (shown_width + PADDING) - PADDING;
    let mut lines = Vec::new();
    for language in [Language::English, Language::Vietnamese] {
        let lettering = match language {
            Language::English => ENGLISH,
            Language::Vietnamese => VIETNAMESE,
        };
        if let Some(caption) = longest(&sample.captions, language) {
            let wrapped = lettering.wrap(&caption.text, inner_width as f32, LINES);
            lines.extend(wrapped.into_iter().map(|line| (lettering, line)));
        }
    }
    let text_height: u32 = lines
        .iter()
        .map(|(lettering, _)| lettering.line_height())
        .sum();
    let card_height = shown_height + 3 * PADDING + text_height;
    let mut card = RgbImage::from_pixel(inner_width + 2 * PADDING, card_height, CARD);
    for (column, panel) in (0..).zip(&panels) {
        let left = PADDING + column * (shown_width + PADDING);
        imageops::replace(&mut card, panel, i64::from(left), i64::from(PADDING));
    }
    let mut y = shown_height + 2 * PADDING - 2;
    for (lettering, line) in lines {
        lettering.draw(&mut card, PADDING as f32, y as f32, &line);
        y += lettering.line_height();
    }
    card
}

/// The longest caption of a language that is not cut off; the shortest where all are.
fn longest(captions: &[Caption], language: Language) -> Option<&Caption> {
    const FITTING: usize = 200;
    let of_language = || {
        captions
            .iter()
            .filter(|caption| caption.language == language)
    };
    of_language()
        .filter(|caption| caption.text.chars().count() <= FITTING)
        .max_by_key(|caption| caption.text.chars().count())
        .or_else(|| of_language().min_by_key(|caption| caption.text.chars().count()))
}

/// The map in palette colours, with a dark line where one instance of a thing meets another.
pub fn drawn_map(map: &PanopticMap, palette: &Palette, width: u32, height: u32) -> RgbImage {
    let source = |x: u32, y: u32| {
        let sx = x as usize * map.width / width as usize;
        let sy = y as usize * map.height / height as usize;
        sy * map.width + sx
    };
    let is_thing = |place: usize| {
        palette
            .get(ClassId(map.classes[place]))
            .is_some_and(|class| class.kind == ClassKind::Thing)
    };
    RgbImage::from_fn(width, height, |x, y| {
        let here = source(x, y);
        let rgb = palette
            .get(ClassId(map.classes[here]))
            .map_or([0; 3], |class| class.rgb);
        let neighbours = [(x + 1).min(width - 1), x]
            .into_iter()
            .zip([y, (y + 1).min(height - 1)]);
        let is_edge = neighbours.into_iter().any(|(nx, ny)| {
            let there = source(nx, ny);
            map.instances[here] != map.instances[there] && (is_thing(here) || is_thing(there))
        });
        if is_edge {
            Rgb(rgb.map(|channel| channel / 3))
        } else {
            Rgb(rgb)
        }
    })
}

/// The boxes of a plan in palette colours, each with a dark edge.
fn drawn_plan(plan: &Plan, palette: &Palette, width: u32, height: u32) -> RgbImage {
    let mut drawn = RgbImage::from_pixel(width, height, CARD);
    for object in &plan.objects {
        let rgb = palette.get(object.class).map_or([0; 3], |class| class.rgb);
        let edge = |share: f32, side: u32| (share.clamp(0.0, 1.0) * side as f32).round() as u32;
        let (x0, x1) = (edge(object.bbox.x0, width), edge(object.bbox.x1, width));
        let (y0, y1) = (edge(object.bbox.y0, height), edge(object.bbox.y1, height));
        let (w, h) = (x1.saturating_sub(x0), y1.saturating_sub(y0));
        fill(
            &mut drawn,
            x0,
            y0,
            w,
            h,
            Rgb(rgb.map(|channel| channel / 3)),
        );
        let (inner_w, inner_h) = (w.saturating_sub(2), h.saturating_sub(2));
        fill(&mut drawn, x0 + 1, y0 + 1, inner_w, inner_h, Rgb(rgb));
    }
    drawn
}

fn fill(page: &mut RgbImage, x: u32, y: u32, width: u32, height: u32, colour: Rgb<u8>) {
    for py in y..(y + height).min(page.height()) {
        for px in x..(x + width).min(page.width()) {
            page.put_pixel(px, py, colour);
        }
    }
}

fn outline(page: &mut RgbImage, x: u32, y: u32, width: u32, height: u32) {
    fill(page, x, y, width, 1, EDGE);
    fill(page, x, y + height - 1, width, 1, EDGE);
    fill(page, x, y, 1, height, EDGE);
    fill(page, x + width - 1, y, 1, height, EDGE);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_drawn_in_palette_colours_with_edges_of_instances() {
        let palette = Palette::scene();
        let mut map = PanopticMap::new(4, 1);
        map.classes = vec![9, 9, 20, 20];
        map.instances = vec![1, 1, 2, 3];
        let drawn = drawn_map(&map, palette, 8, 2);
        let road = palette.classes[9].rgb;
        let car = palette.classes[20].rgb;
        assert_eq!(drawn.get_pixel(0, 0).0, road);
        assert_eq!(drawn.get_pixel(3, 0).0, road.map(|channel| channel / 3));
        assert_eq!(drawn.get_pixel(4, 0).0, car);
        assert_eq!(drawn.get_pixel(5, 1).0, car.map(|channel| channel / 3));
        assert_eq!(drawn.get_pixel(7, 1).0, car);
    }
}
