//! One plan while it is written: which values the next field may take.

use segue_model::planner::{Field, PlannerConfig};
use segue_scene::attribute::{Colour, Size, State};
use segue_scene::palette::{ClassId, Palette};
use segue_scene::perspective::{MIN_PART_SIDE, MIN_SIDE};

use super::owed::{Drawn, Owed, Place};
use crate::plan_codec::Row;

/// A plan that is being written, row by row, field by field.
#[derive(Debug, Clone)]
pub(super) struct Draft<'a> {
    config: &'a PlannerConfig,
    palette: &'a Palette,
    /// What is asked of the plan; `None` where it is written freely.
    owed: Option<Owed>,
    /// Complete rows.
    pub(super) rows: Vec<Row>,
    /// The row in progress.
    row: Row,
    drawn: Drawn,
    /// The last row that is no part.
    whole: Option<usize>,
    /// Whether the plan has ended.
    pub(super) is_done: bool,
    /// Sum of the logarithms of the probabilities that the planner gave to what was drawn.
    pub(super) log_probability: f64,
}

impl<'a> Draft<'a> {
    pub(super) fn new(config: &'a PlannerConfig, palette: &'a Palette, owed: Option<Owed>) -> Self {
        Self {
            config,
            palette,
            owed,
            rows: Vec::new(),
            row: Row::default(),
            drawn: Drawn::default(),
            whole: None,
            is_done: false,
            log_probability: 0.0,
        }
    }

    /// Which values of a field may be drawn: what the form of a plan allows and, where the plan is
    /// constrained, what the prompt does. At least one.
    pub(super) fn allowed(&self, field: Field, n_values: usize) -> Vec<bool> {
        let mut allowed: Vec<bool> = (0..n_values)
            .map(|value| self.has_form(field, value as u16))
            .collect();
        if let Some(owed) = &self.owed {
            let kept: Vec<bool> = allowed
                .iter()
                .enumerate()
                .map(|(value, has_form)| *has_form && self.is_asked(owed, field, value as u16))
                .collect();
            // A prompt that contradicts itself leaves the form of a plan alone.
            if kept.contains(&true) {
                allowed = kept;
            }
        }
        if !allowed.contains(&true) {
            let fallback = match field {
                Field::Class => n_values - 1,
                _ => 0,
            };
            allowed[fallback] = true;
        }
        allowed
    }

    fn value(&self, field: Field) -> u16 {
        self.row[field.index()]
    }

    fn class(&self) -> ClassId {
        ClassId(self.value(Field::Class) as u8)
    }

    fn part_of(&self, class: ClassId) -> Option<ClassId> {
        self.palette.get(class).and_then(|spec| spec.part_of)
    }

    fn place(&self) -> Place {
        Place {
            whole: self.whole,
            room: self.config.max_objects - self.rows.len(),
        }
    }

    /// The classes of the complete rows, and that of the last one that is no part, 0 for none.
    pub(super) fn classes(&self) -> (Vec<usize>, usize) {
        let class = |row: &Row| usize::from(row[Field::Class.index()]);
        let whole = self.whole.map_or(0, |whole| class(&self.rows[whole]));
        (self.rows.iter().map(class).collect(), whole)
    }

    fn class_of_row(&self, row: usize) -> ClassId {
        ClassId(self.rows[row][Field::Class.index()] as u8)
    }

    /// What every plan keeps to: the codec's order, parts in their wholes, boxes that are boxes.
    fn has_form(&self, field: Field, value: u16) -> bool {
        let last_bin = self.config.n_bins as u16 - 1;
        match field {
            Field::Class => self.class_has_form(value),
            Field::PartOf => match self.part_of(self.class()) {
                Some(_) => self
                    .whole
                    .is_some_and(|whole| usize::from(value) == whole + 1),
                None => value == 0,
            },
            Field::Bottom => value > 0,
            Field::Left => value < last_bin,
            Field::Right => value > self.value(Field::Left),
            Field::Top => value < self.value(Field::Bottom),
            _ => true,
        }
    }

    fn class_has_form(&self, value: u16) -> bool {
        if usize::from(value) == self.config.stop_class() {
            return true;
        }
        if value == 0 || self.rows.len() == self.config.max_objects {
            return false;
        }
        let class = ClassId(value as u8);
        match (self.part_of(class), self.whole) {
            (Some(of), Some(whole)) => {
                let last = self.class_of_row(self.rows.len() - 1);
                let after_last_part = whole + 1 == self.rows.len() || class >= last;
                self.class_of_row(whole) == of && after_last_part
            }
            (Some(_), None) => false,
            (None, Some(whole)) => class >= self.class_of_row(whole),
            (None, None) => true,
        }
    }

    /// What the prompt allows, of what the form of a plan does.
    fn is_asked(&self, owed: &Owed, field: Field, value: u16) -> bool {
        let class = self.class();
        let index = usize::from(value).checked_sub(1);
        let agrees = |drawn: Drawn| owed.agrees(class, self.place(), &drawn);
        match field {
            Field::Class if usize::from(value) == self.config.stop_class() => owed.count() == 0,
            Field::Class => owed.may_place(ClassId(value as u8), self.place()),
            Field::Size => {
                let size = index.map(|index| Size::ALL[index]);
                self.natural(|spec| &spec.sizes, size)
                    && agrees(Drawn {
                        size: Some(size),
                        ..self.drawn
                    })
            }
            Field::Colour => {
                let colour = index.map(|index| Colour::ALL[index]);
                self.natural(|spec| &spec.colours, colour)
                    && agrees(Drawn {
                        colour: Some(colour),
                        ..self.drawn
                    })
            }
            Field::State => {
                let state = index.map(|index| State::ALL[index]);
                self.natural(|spec| &spec.states, state)
                    && agrees(Drawn {
                        state: Some(state),
                        ..self.drawn
                    })
            }
            Field::PartOf | Field::Depth => true,
            Field::Bottom | Field::Left | Field::Right | Field::Top => {
                self.is_seen(field, value) && self.is_inside(field, value)
            }
        }
    }

    fn natural<T: PartialEq + 'a>(
        &self,
        values: impl Fn(&'a segue_scene::palette::ClassSpec) -> &'a Vec<T>,
        value: Option<T>,
    ) -> bool {
        let spec = self.palette.get(self.class());
        value.is_none_or(|value| spec.is_some_and(|spec| values(spec).contains(&value)))
    }

    /// The least side of a box in bins: nothing is too small to be judged.
    fn least_side(&self) -> u16 {
        let side = match self.part_of(self.class()) {
            Some(_) => MIN_PART_SIDE,
            None => MIN_SIDE,
        };
        (side * (self.config.n_bins - 1) as f32).ceil() as u16
    }

    fn is_seen(&self, field: Field, value: u16) -> bool {
        let (least, last) = (self.least_side(), self.config.n_bins as u16 - 1);
        match field {
            Field::Bottom => value >= least,
            Field::Left => value + least <= last,
            Field::Right => value >= self.value(Field::Left) + least,
            Field::Top => value + least <= self.value(Field::Bottom),
            _ => true,
        }
    }

    /// Parts lie in the box of their whole.
    fn is_inside(&self, field: Field, value: u16) -> bool {
        let (Some(_), Some(whole)) = (self.part_of(self.class()), self.whole) else {
            return true;
        };
        let least = self.least_side();
        let edge = |field: Field| self.rows[whole][field.index()];
        match field {
            Field::Bottom => value <= edge(Field::Bottom) && value >= edge(Field::Top) + least,
            Field::Left => value >= edge(Field::Left) && value + least <= edge(Field::Right),
            Field::Right => value <= edge(Field::Right),
            Field::Top => value >= edge(Field::Top),
            _ => true,
        }
    }

    /// Takes a drawn value and the logarithm of its probability.
    pub(super) fn draw(&mut self, field: Field, value: u16, log_probability: f64) {
        if self.is_done {
            return;
        }
        self.log_probability += log_probability;
        if field == Field::Class && usize::from(value) == self.config.stop_class() {
            self.is_done = true;
            return;
        }
        self.row[field.index()] = value;
        let index = usize::from(value).checked_sub(1);
        match field {
            Field::Size => self.drawn.size = Some(index.map(|index| Size::ALL[index])),
            Field::Colour => self.drawn.colour = Some(index.map(|index| Colour::ALL[index])),
            Field::State => self.drawn.state = Some(index.map(|index| State::ALL[index])),
            _ => {}
        }
    }

    /// Ends the row in progress. Returns it, or anything valid where the plan has ended.
    pub(super) fn end_row(&mut self) -> Row {
        if self.is_done {
            return [1, 0, 0, 0, 0, 0, 1, 0, 1, 0];
        }
        let (class, place, row) = (self.class(), self.place(), self.rows.len());
        if let Some(owed) = &mut self.owed {
            owed.write(class, place, row, &self.drawn);
        }
        if self.part_of(class).is_none() {
            self.whole = Some(row);
        }
        self.rows.push(self.row);
        self.drawn = Drawn::default();
        std::mem::take(&mut self.row)
    }
}
