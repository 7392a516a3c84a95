//! What a prompt still asks of a plan that is being written.
//!
//! Rows come in the codec's order (wholes by class, each followed by its parts), so whatever is owed
//! of an earlier class must be written before a later one: [`Owed::may_place`] keeps a way open to a
//! plan in which nothing is owed.

use segue_scene::attribute::{Attributes, Colour, Size, State};
use segue_scene::clause::{ClauseKind, Reading, Subject};
use segue_scene::palette::{ClassId, Palette};
use segue_scene::rule_planner::{AskedItem, asked_items};

/// Things that are asked for, and which rows they have become.
#[derive(Debug, Clone)]
pub(super) struct Owed {
    items: Vec<AskedItem>,
    /// For each item its row, once it is written.
    rows: Vec<Option<usize>>,
    /// For each class the most that there may be.
    most: Vec<Option<u32>>,
    /// For each class what there is.
    placed: Vec<u32>,
    /// For each class the class that it is a part of.
    part_of: Vec<Option<ClassId>>,
}

/// Where writing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// The whole that parts may be added to: its row.
    pub(super) whole: Option<usize>,
    /// Rows that are still free.
    pub(super) room: usize,
}

/// Attributes of a row as far as they are drawn: the outer `None` is not yet drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Drawn {
    pub(super) size: Option<Option<Size>>,
    pub(super) colour: Option<Option<Colour>>,
    pub(super) state: Option<Option<State>>,
}

impl Owed {
    /// What a prompt asks.
    pub(super) fn of(reading: &Reading, palette: &Palette) -> Self {
        let items = asked_items(&reading.clauses);
        let n = palette.len();
        let mut most = vec![None; n];
        let wholes = palette
            .classes
            .iter()
            .filter(|class| class.part_of.is_none());
        for class in wholes.filter(|class| reading.single.contains(&class.id)) {
            most[usize::from(class.id.0)] = Some(1);
        }
        for clause in &reading.clauses {
            let (Subject::Class(class), None) = (clause.subject, clause.object) else {
                continue;
            };
            let limit = match clause.kind {
                ClauseKind::Count => clause.asked,
                ClauseKind::Absence => 0,
                _ => continue,
            };
            if let Some(most) = most.get_mut(usize::from(class.0)) {
                // Of a contradiction ("no sheep and two sheep") the larger number can be shown.
                *most = Some(most.unwrap_or(0).max(limit));
            }
        }
        Self {
            rows: vec![None; items.len()],
            items,
            most,
            placed: vec![0; n],
            part_of: palette.classes.iter().map(|class| class.part_of).collect(),
        }
    }

    /// How many things are owed.
    pub(super) fn count(&self) -> usize {
        self.rows.iter().filter(|row| row.is_none()).count()
    }

    fn is_part(&self, item: usize) -> bool {
        self.part_of[usize::from(self.items[item].class.0)].is_some()
    }

    fn unwritten(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.items.len()).filter(|&item| self.rows[item].is_none())
    }

    /// The item that a row is.
    fn item_of(&self, row: usize) -> Option<usize> {
        self.rows.iter().position(|&other| other == Some(row))
    }

    /// Owed items that a row of a class, written at `place`, could be.
    fn candidates(&self, class: ClassId, place: Place) -> impl Iterator<Item = usize> + '_ {
        self.unwritten().filter(move |&item| {
            let asked = &self.items[item];
            let joins = match asked.whole {
                Some(whole) => self.rows[whole].is_some() && self.rows[whole] == place.whole,
                None => true,
            };
            asked.class == class && joins
        })
    }

    /// Whether a row of a class may be written next, such that everything owed still can.
    pub(super) fn may_place(&self, class: ClassId, place: Place) -> bool {
        let index = usize::from(class.0);
        let is_part = self.part_of[index].is_some();
        let owed_here = self.candidates(class, place).next().is_some();
        let owed_of_class = self
            .unwritten()
            .filter(|&item| self.items[item].class == class)
            .count();
        let has_room = owed_here || place.room > self.count();
        let within_most = owed_here
            || self.most[index]
                .is_none_or(|most| (self.placed[index] as usize + owed_of_class) < most as usize);
        let whole_item = place.whole.and_then(|row| self.item_of(row));
        let is_refused =
            is_part && whole_item.is_some_and(|item| self.items[item].without.contains(&class));
        let skips_nothing = self.unwritten().all(|item| {
            let asked = &self.items[item];
            if self.is_part(item) {
                let of_this_whole = asked.whole.is_some() && asked.whole == whole_item;
                !of_this_whole || (is_part && asked.class >= class)
            } else {
                is_part || asked.class >= class
            }
        });
        has_room && within_most && !is_refused && skips_nothing
    }

    /// Whether a value of an attribute may be drawn for a row of a class of which `drawn` is known
    /// with the value: if things of the class are owed, one of them must agree.
    pub(super) fn agrees(&self, class: ClassId, place: Place, drawn: &Drawn) -> bool {
        let mut candidates = self.candidates(class, place).peekable();
        candidates.peek().is_none()
            || candidates.any(|item| agrees(&self.items[item].attributes, drawn))
    }

    /// Takes note of a row: it is the owed thing that asks most of what it is.
    pub(super) fn write(&mut self, class: ClassId, place: Place, row: usize, drawn: &Drawn) {
        self.placed[usize::from(class.0)] += 1;
        let best = self
            .candidates(class, place)
            .filter(|&item| agrees(&self.items[item].attributes, drawn))
            .max_by_key(|&item| {
                let asked = &self.items[item].attributes;
                [
                    asked.size.is_some(),
                    asked.colour.is_some(),
                    asked.state.is_some(),
                ]
                .into_iter()
                .filter(|is_asked| *is_asked)
                .count()
            });
        if let Some(item) = best {
            self.rows[item] = Some(row);
        }
    }
}

fn agrees(asked: &Attributes, drawn: &Drawn) -> bool {
    fn same<T: PartialEq>(asked: Option<T>, drawn: Option<Option<T>>) -> bool {
        match (asked, drawn) {
            (None, _) | (_, None) => true,
            (asked, Some(drawn)) => asked == drawn,
        }
    }
    same(asked.size, drawn.size)
        && same(asked.colour, drawn.colour)
        && same(asked.state, drawn.state)
}

#[cfg(test)]
mod tests {
    use segue_scene::palette::class;
    use segue_scene::parse::parse;

    use super::*;

    /// Whether another thing of a class may come after one of it.
    fn may_repeat(prompt: &str, class: ClassId) -> bool {
        let place = Place {
            whole: None,
            room: 8,
        };
        let mut owed = Owed::of(&parse(prompt).unwrap(), Palette::scene());
        owed.write(class, place, 0, &Drawn::default());
        owed.may_place(class, place)
    }

    #[test]
    fn where_one_thing_is_meant_no_other_of_its_class_is_placed() {
        assert!(!may_repeat("a brown horse", class::HORSE));
        assert!(!may_repeat("một con ngựa nâu", class::HORSE));
        assert!(may_repeat("some horses", class::HORSE));
        assert!(may_repeat("ngựa", class::HORSE));
    }

    #[test]
    fn one_window_said_leaves_a_house_its_others() {
        let mut owed = Owed::of(&parse("a house with a window").unwrap(), Palette::scene());
        let place = Place {
            whole: Some(0),
            room: 8,
        };
        owed.write(
            class::HOUSE,
            Place {
                whole: None,
                ..place
            },
            0,
            &Drawn::default(),
        );
        owed.write(class::WINDOW, place, 1, &Drawn::default());
        assert!(owed.may_place(class::WINDOW, place));
    }
}
