//! Bicycles.

use super::colour::{pigment, rgb};
use super::outline::{Point, disc, limb, limbs, ring, rounded};
use super::sketch::{Ink, Sketch};
use super::subject::Subject;
use crate::attribute::Colour;

/// A bicycle with a frame thick enough to show its colour; the wheels' discs are its own.
pub(super) fn bicycle(mut subject: Subject, sketch: &mut Sketch) {
    let tones = subject.tones.unwrap_or(pigment(Colour::Red));
    let (back, front, r): (Point, Point, f32) = ((29.0, 71.0), (121.0, 71.0), 28.0);
    let tyre = rgb(52, 50, 58);
    for hub in [back, front] {
        sketch.solid(
            disc(hub.0, hub.1, r),
            Ink::Veil(tones.base.mix(rgb(236, 238, 240), 0.75), 0.4),
        );
        sketch.fill_gap(disc(hub.0, hub.1, r));
        if subject.at_least(30.0) {
            let mut spokes: Vec<[Point; 2]> = Vec::new();
            for i in 0..4 {
                let (s, c) = (0.4 + std::f32::consts::PI * i as f32 / 4.0).sin_cos();
                spokes.push([
                    (hub.0 - c * r, hub.1 - s * r),
                    (hub.0 + c * r, hub.1 + s * r),
                ]);
            }
            let spokes: Vec<&[Point]> = spokes.iter().map(|s| s.as_slice()).collect();
            sketch.solid(
                limbs(&spokes, subject.visible(0.9, 0.35)),
                Ink::Veil(rgb(240, 242, 246), 0.8),
            );
        }
        sketch.solid(
            ring(hub.0, hub.1, r, subject.visible(5.0, 1.0)),
            Ink::Flat(tyre),
        );
    }
    let pedals = (70.0, 72.0);
    let seat = (56.0, 32.0);
    sketch.fill_gap(super::outline::polygon(&[
        back,
        (52.0, 26.0),
        (106.0, 26.0),
        front,
    ]));
    let tubes: [&[Point]; 3] = [
        &[back, (58.0, 38.0), (104.0, 36.0), pedals, back],
        &[(55.0, 26.0), pedals],
        &[(100.0, 18.0), (106.0, 40.0), front],
    ];
    let thick = subject.visible(8.5, 1.7);
    // Mudguards: more of the bicycle's colour than its tubes alone can show.
    for (hub, from, to) in [(back, 175.0f32, 325.0f32), (front, 205.0, 345.0)] {
        let guard: Vec<Point> = (0..=10)
            .map(|i| {
                let (s, c) = (from + (to - from) * i as f32 / 10.0)
                    .to_radians()
                    .sin_cos();
                (hub.0 + (r - 1.0) * c, hub.1 + (r - 1.0) * s)
            })
            .collect();
        sketch.solid(
            limb(&guard, subject.visible(6.5, 1.2)),
            Ink::Flat(tones.base),
        );
    }
    sketch.solid(limbs(&tubes, thick), Ink::Flat(tones.base));
    if subject.at_least(24.0) {
        let shine: [&[Point]; 2] = [
            &[(59.0, 36.5), (103.0, 34.5)],
            &[(105.0, 42.0), (118.0, 66.0)],
        ];
        sketch.detail(limbs(&shine, 2.0), Ink::Flat(tones.light));
    }
    let dark = rgb(48, 44, 52);
    sketch.solid(
        rounded(seat.0 - 13.0, 20.0, seat.0 + 13.0, 28.0, 4.0),
        Ink::Flat(dark),
    );
    let bar = [(99.0, 20.0), (96.0, 10.0), (110.0, 7.0), (116.0, 12.0)];
    sketch.solid(limb(&bar, subject.visible(5.0, 1.0)), Ink::Flat(dark));
    sketch.solid(disc(pedals.0, pedals.1, 7.0), Ink::Flat(rgb(120, 122, 130)));
    let crank: [&[Point]; 1] = [&[(64.0, 82.0), (76.0, 62.0)]];
    sketch.solid(limbs(&crank, subject.visible(3.0, 0.7)), Ink::Flat(dark));
    if subject.dice.chance(0.5) {
        let wicker = rgb(190, 140, 84);
        sketch.solid(
            super::outline::polygon(&[(108.0, 18.0), (134.0, 18.0), (130.0, 40.0), (112.0, 40.0)]),
            Ink::Flat(wicker),
        );
        sketch.detail(
            limbs(
                &[
                    &[(110.0, 25.0), (132.0, 25.0)],
                    &[(111.0, 32.0), (131.0, 32.0)],
                ],
                1.8,
            ),
            Ink::Flat(wicker.darker(0.35)),
        );
    } else {
        sketch.solid(
            limb(&[(10.0, 40.0), (46.0, 40.0)], subject.visible(4.0, 0.8)),
            Ink::Flat(dark),
        );
    }
}
