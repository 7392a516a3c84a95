//! People: standing, or sitting on the ground or on a bench.

use super::colour::{INK, Rgb, Tones, pigment, rgb};
use super::dice::Dice;
use super::outline::{
    Point, disc, discs, limbs, oval, ovals, polygon, ribbon, rounded, smooth, taper,
};
use super::sketch::{Ink, Sketch};
use super::subject::{Setting, Subject};
use crate::attribute::{Colour, State};

/// A tone of skin.
pub(super) fn skin(dice: &mut Dice) -> Rgb {
    dice.pick([
        rgb(250, 212, 180),
        rgb(236, 184, 142),
        rgb(204, 146, 104),
        rgb(150, 98, 68),
        rgb(116, 74, 54),
    ])
}

/// A colour of hair.
pub(super) fn hair(dice: &mut Dice) -> Rgb {
    dice.pick([
        rgb(52, 40, 40),
        rgb(98, 62, 40),
        rgb(214, 160, 78),
        rgb(170, 84, 44),
        rgb(126, 120, 122),
    ])
}

#[derive(Debug, Clone, Copy)]
struct Look {
    clothes: Tones,
    trousers: Tones,
    skin: Rgb,
    hair: Rgb,
    shoes: Rgb,
    dress: bool,
    long_hair: bool,
}

/// A person; coat, jumper or dress, with trousers of a darker tone of the same colour.
pub(super) fn person(mut subject: Subject, sketch: &mut Sketch) {
    let clothes = subject.tones.unwrap_or(pigment(Colour::Blue));
    let legs = if clothes == pigment(Colour::Black) {
        rgb(70, 70, 82)
    } else if clothes == pigment(Colour::White) {
        rgb(206, 206, 212)
    } else {
        clothes.dark.mix(rgb(44, 48, 70), 0.25)
    };
    let look = Look {
        clothes,
        trousers: Tones::of(legs),
        skin: skin(&mut subject.dice),
        hair: hair(&mut subject.dice),
        shoes: subject
            .dice
            .pick([rgb(70, 50, 44), rgb(56, 54, 62), rgb(120, 72, 50)]),
        dress: subject.dice.chance(0.4),
        long_hair: subject.dice.chance(0.5),
    };
    match (subject.state(), subject.setting) {
        (Some(State::Sitting), Setting::Joined) => seated(&subject, sketch, look),
        (Some(State::Sitting), Setting::Open) => cross_legged(&subject, sketch, look),
        _ => upright(&mut subject, sketch, look),
    }
}

fn upright(subject: &mut Subject, sketch: &mut Sketch, look: Look) {
    let x = 21.0;
    let step = subject.dice.range(4.5, 6.5);
    let width = if look.dress { 5.0 } else { 8.0 };
    let legs: [&[Point]; 2] = [
        &[(x - 4.0, 58.0), (x - step, 92.0)],
        &[(x + 4.0, 58.0), (x + step, 92.0)],
    ];
    let leg_ink = if look.dress {
        Ink::Flat(look.skin.darker(0.12))
    } else {
        Ink::Flat(look.trousers.base)
    };
    let shoes = ovals(&[
        (x - step - 0.6, 96.5, 5.2, 3.5),
        (x + step + 0.8, 96.5, 5.2, 3.5),
    ]);
    sketch.solid(limbs(&legs, subject.visible(width, 1.0)), leg_ink);
    if !look.dress {
        let away = -subject.side;
        let far: [&[Point]; 1] = [if away < 0.0 { legs[0] } else { legs[1] }];
        sketch.detail(limbs(&far, 5.0), Ink::Veil(look.trousers.dark, 0.5));
    }
    sketch.solid(shoes, Ink::Flat(look.shoes));
    let waving = subject.dice.chance(0.2);
    let arm_width = subject.visible(6.0, 1.1);
    let left: [Point; 3] = [(x - 9.0, 29.0), (x - 14.0, 42.0), (x - 13.0, 54.0)];
    let right: [Point; 3] = if waving {
        [(x + 9.0, 29.0), (x + 17.0, 25.0), (x + 17.0, 12.0)]
    } else {
        [(x + 9.0, 29.0), (x + 14.0, 42.0), (x + 12.0, 54.0)]
    };
    sketch.solid(
        discs(&[
            (left[2].0, left[2].1 + 2.0, 3.2),
            (
                right[2].0,
                right[2].1 + if waving { -2.0 } else { 2.0 },
                3.2,
            ),
        ]),
        Ink::Flat(look.skin),
    );
    sketch.solid(
        limbs(&[&left, &right], arm_width),
        Ink::Flat(look.clothes.base.mix(look.clothes.dark, 0.35)),
    );
    if look.long_hair {
        sketch.solid(
            smooth(&[
                (x - 10.0, 10.0),
                (x, 2.0),
                (x + 10.0, 10.0),
                (x + 11.0, 30.0),
                (x, 33.0),
                (x - 11.0, 30.0),
            ]),
            Ink::Flat(look.hair.darker(0.2)),
        );
    }
    let body = if look.dress {
        smooth(&[
            (x - 8.0, 24.5),
            (x, 23.0),
            (x + 8.0, 24.5),
            (x + 9.0, 44.0),
            (x + 15.0, 72.0),
            (x, 75.0),
            (x - 15.0, 72.0),
            (x - 9.0, 44.0),
        ])
    } else {
        rounded(x - 10.5, 23.5, x + 10.5, 62.0, 7.0)
    };
    sketch.solid(body, Ink::Flat(look.clothes.base));
    dress_up(subject, sketch, x, look);
    head(subject, sketch, (x, 12.5), 11.5, look);
}

/// Shade, collar, belt or buttons on the trunk.
fn dress_up(subject: &mut Subject, sketch: &mut Sketch, x: f32, look: Look) {
    let (side, away) = (subject.side, -subject.side);
    let shade = polygon(&[
        (x + away * 4.0, 22.0),
        (x + away * 20.0, 22.0),
        (x + away * 20.0, 78.0),
        (x + away * 5.5, 78.0),
    ]);
    sketch.detail(shade, Ink::Veil(look.clothes.dark, 0.45));
    sketch.detail(
        ribbon(&[(x + side * 7.0, 28.0), (x + side * 7.5, 52.0)], 2.6),
        Ink::Veil(look.clothes.light, 0.7),
    );
    sketch.detail(oval(x, 24.5, 5.0, 3.2), Ink::Flat(look.skin.darker(0.15)));
    if !subject.at_least(30.0) {
        return;
    }
    if look.dress {
        sketch.detail(
            limbs(&[&[(x - 9.0, 46.0), (x + 9.0, 46.0)]], 2.2),
            Ink::Veil(look.clothes.dark, 0.9),
        );
    } else if subject.dice.chance(0.5) {
        sketch.detail(
            limbs(&[&[(x, 28.0), (x, 60.0)]], 1.4),
            Ink::Veil(look.clothes.dark, 0.9),
        );
        sketch.detail(
            discs(&[
                (x + 2.4, 36.0, 0.9),
                (x + 2.4, 44.0, 0.9),
                (x + 2.4, 52.0, 0.9),
            ]),
            Ink::Flat(look.clothes.light),
        );
    } else {
        sketch.detail(
            limbs(&[&[(x - 10.0, 59.0), (x + 10.0, 59.0)]], 3.0),
            Ink::Veil(look.clothes.dark, 0.9),
        );
    }
}

/// A head from the front, a little turned: hair, eyes, smile, cheeks.
fn head(subject: &Subject, sketch: &mut Sketch, (x, y): Point, r: f32, look: Look) {
    sketch.solid(oval(x, y, r * 0.92, r), Ink::Flat(look.skin));
    let away = -subject.side;
    sketch.detail(
        oval(x + away * r, y + r * 0.3, r * 0.55, r),
        Ink::Veil(look.skin.darker(0.4), 0.4),
    );
    let turn = r * 0.12;
    let hairline = [
        (x - r * 1.0, y + r * 0.25),
        (x - r * 1.02, y - r * 0.5),
        (x - r * 0.5, y - r * 1.08),
        (x + r * 0.4, y - r * 1.08),
        (x + r * 1.02, y - r * 0.5),
        (x + r * 0.98, y + r * 0.05),
        (x + r * 0.72, y - r * 0.36),
        (x + r * 0.1, y - r * 0.5),
        (x - r * 0.6, y - r * 0.3),
    ];
    sketch.solid(smooth(&hairline), Ink::Flat(look.hair));
    let e = subject.visible(r * 0.12, 0.5);
    sketch.detail(
        discs(&[
            (x - r * 0.3 + turn, y + r * 0.08, e),
            (x + r * 0.42 + turn, y + r * 0.08, e),
        ]),
        Ink::Flat(INK),
    );
    if subject.at_least(34.0) {
        let blush = rgb(236, 120, 108);
        sketch.detail(
            discs(&[
                (x - r * 0.5 + turn, y + r * 0.4, r * 0.18),
                (x + r * 0.62 + turn, y + r * 0.4, r * 0.18),
            ]),
            Ink::Veil(blush, 0.4),
        );
        let smile = ribbon(
            &[
                (x - r * 0.2 + turn, y + r * 0.46),
                (x + r * 0.06 + turn, y + r * 0.6),
                (x + r * 0.32 + turn, y + r * 0.46),
            ],
            r * 0.13,
        );
        sketch.detail(smile, Ink::Flat(rgb(166, 66, 66)));
    }
}

/// Long hair that hangs behind a sitting person's shoulders down to `y`, if the person has it.
fn long_hair(sketch: &mut Sketch, (x, y): (f32, f32), look: Look) {
    if look.long_hair {
        sketch.solid(
            smooth(&[
                (x - 14.0, 14.0),
                (x, 3.0),
                (x + 14.0, 14.0),
                (x + 15.0, y),
                (x, y + 4.0),
                (x - 15.0, y),
            ]),
            Ink::Flat(look.hair.darker(0.2)),
        );
    }
}

/// On the ground with crossed legs, hands on the knees.
fn cross_legged(subject: &Subject, sketch: &mut Sketch, look: Look) {
    let x = 31.0;
    long_hair(sketch, (x, 40.0), look);
    sketch.solid(
        rounded(x - 15.0, 34.0, x + 15.0, 86.0, 10.0),
        Ink::Flat(look.clothes.base),
    );
    let away = -subject.side;
    sketch.detail(
        oval(x + away * 15.0, 62.0, 9.0, 30.0),
        Ink::Veil(look.clothes.dark, 0.5),
    );
    sketch.detail(oval(x, 35.0, 6.5, 4.5), Ink::Flat(look.skin.darker(0.15)));
    sketch.solid(
        taper((x - 10.0, 82.0, 9.0), (x - 24.0, 89.0, 7.0)),
        Ink::Flat(look.trousers.base),
    );
    sketch.solid(
        taper((x + 10.0, 82.0, 9.0), (x + 24.0, 89.0, 7.0)),
        Ink::Flat(look.trousers.base),
    );
    sketch.solid(
        taper((x + 24.0, 91.0, 7.0), (x - 6.0, 94.0, 6.0)),
        Ink::Flat(look.trousers.dark),
    );
    sketch.solid(
        taper((x - 24.0, 91.0, 7.0), (x + 6.0, 94.0, 6.0)),
        Ink::Flat(look.trousers.base),
    );
    sketch.solid(
        ovals(&[(x - 10.0, 96.0, 7.0, 4.0), (x + 12.0, 96.0, 7.0, 4.0)]),
        Ink::Flat(look.shoes),
    );
    let arms: [&[Point]; 2] = [
        &[(x - 14.0, 42.0), (x - 22.0, 62.0), (x - 20.0, 80.0)],
        &[(x + 14.0, 42.0), (x + 22.0, 62.0), (x + 20.0, 80.0)],
    ];
    sketch.solid(
        limbs(&arms, subject.visible(8.5, 1.2)),
        Ink::Flat(look.clothes.base.mix(look.clothes.dark, 0.3)),
    );
    sketch.solid(
        discs(&[(x - 20.0, 83.0, 4.6), (x + 20.0, 83.0, 4.6)]),
        Ink::Flat(look.skin),
    );
    head(subject, sketch, (x, 18.0), 16.5, look);
}

/// On a bench, seen from the front: thighs foreshortened, shins hanging.
fn seated(subject: &Subject, sketch: &mut Sketch, look: Look) {
    let x = 31.0;
    long_hair(sketch, (x, 38.0), look);
    let shins: [&[Point]; 2] = [
        &[(x - 10.0, 66.0), (x - 11.0, 92.0)],
        &[(x + 10.0, 66.0), (x + 11.0, 92.0)],
    ];
    let bare = if look.dress {
        look.skin.darker(0.12)
    } else {
        look.trousers.dark
    };
    sketch.solid(limbs(&shins, subject.visible(10.0, 1.4)), Ink::Flat(bare));
    sketch.solid(
        ovals(&[(x - 12.0, 96.0, 7.5, 4.2), (x + 12.0, 96.0, 7.5, 4.2)]),
        Ink::Flat(look.shoes),
    );
    sketch.solid(
        rounded(x - 15.0, 33.0, x + 15.0, 68.0, 9.0),
        Ink::Flat(look.clothes.base),
    );
    let away = -subject.side;
    sketch.detail(
        oval(x + away * 15.0, 54.0, 9.0, 26.0),
        Ink::Veil(look.clothes.dark, 0.5),
    );
    sketch.detail(oval(x, 34.0, 6.5, 4.5), Ink::Flat(look.skin.darker(0.15)));
    let lap = if look.dress {
        look.clothes
    } else {
        look.trousers
    };
    sketch.solid(
        rounded(x - 18.0, 57.0, x + 18.0, 74.0, 8.0),
        Ink::Flat(lap.base),
    );
    sketch.detail(
        limbs(&[&[(x, 60.0), (x, 74.0)]], subject.visible(2.0, 0.5)),
        Ink::Veil(lap.dark, 0.9),
    );
    let arms: [&[Point]; 2] = [
        &[(x - 14.0, 41.0), (x - 20.0, 54.0), (x - 10.0, 62.0)],
        &[(x + 14.0, 41.0), (x + 20.0, 54.0), (x + 10.0, 62.0)],
    ];
    sketch.solid(
        limbs(&arms, subject.visible(8.5, 1.2)),
        Ink::Flat(look.clothes.base.mix(look.clothes.dark, 0.3)),
    );
    sketch.solid(disc(x - 8.0, 63.0, 4.6), Ink::Flat(look.skin));
    sketch.solid(disc(x + 8.0, 63.0, 4.6), Ink::Flat(look.skin));
    head(subject, sketch, (x, 18.0), 16.5, look);
}
