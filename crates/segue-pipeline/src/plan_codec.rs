//! Between plans and what the planner writes: a row of small numbers for each object.
//!
//! A plan is ordered back to front, as it is drawn; its rows are ordered by class (far before near,
//! then left before right, within a class), each whole followed by its parts. Things of one class
//! thus stand side by side, so that a count is one decision after the other, and a part points back
//! at its whole. The order of drawing comes back from the rows' depths: [`PlanCodec::encode`]
//! chooses bins of depth such that whatever overlaps is drawn in the plan's order again.
//!
//! Edges lie on a grid that both borders of the picture belong to: bin `k` of `n` is `k / (n - 1)`,
//! so that an edge moves by at most half a step. The same holds of depths, but where two
//! overlapping things share a bin that does not tell their order: then the farther one moves on.

use std::cmp::Reverse;

use segue_diffusion::noise::NoiseStream;
use segue_model::planner::{Field, PlannerConfig};
use segue_scene::attribute::{Attributes, Colour, Size, State, TimeOfDay};
use segue_scene::observe::Role;
use segue_scene::palette::{ClassId, Palette};
use segue_scene::plan::{BBox, Object, Plan, SceneAttributes};

/// The values of one object, in the order of [`Field::ALL`].
pub type Row = [u16; Field::ALL.len()];

/// A plan as the planner writes it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlanRows {
    /// Index of the time of day, where it is known.
    pub time: Option<u16>,
    /// The objects: wholes by class, each followed by its parts.
    pub rows: Vec<Row>,
}

/// The size of a plan's picture in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

/// Plans or rows that cannot be turned into each other.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PlanCodecError {
    /// The planner was made for another vocabulary.
    #[error(
        "the planner knows {got} {what}, the data set `{palette}` has {expected}; use a planner \
         trained on that data set"
    )]
    Vocabulary {
        /// Classes, colours, sizes, states or times of day.
        what: &'static str,
        /// Name of the palette.
        palette: String,
        /// Number of the palette.
        expected: usize,
        /// Number of the planner.
        got: usize,
    },
    /// More objects than the planner can write.
    #[error("the plan has {got} objects; the planner writes at most {expected}")]
    Length {
        /// The most.
        expected: usize,
        /// Objects of the plan.
        got: usize,
    },
    /// A class that the planner does not know.
    #[error("object {id} has class {got}; the planner knows 1 to {last}")]
    Class {
        /// Id of the object.
        id: u8,
        /// Its class.
        got: u8,
        /// The last class.
        last: usize,
    },
    /// A part without its whole, or wholes in a circle.
    #[error("object {id} is a part of {whole}, which is not in the plan or is itself a part of it")]
    Whole {
        /// Id of the part.
        id: u8,
        /// Id that it names.
        whole: u8,
    },
    /// A value outside its field.
    #[error("row {row}: {field:?} is {got}; expected {first} to {last}")]
    Value {
        /// The row, from 0.
        row: usize,
        /// The field.
        field: Field,
        /// The value.
        got: u16,
        /// The least possible value.
        first: u16,
        /// The greatest possible value.
        last: u16,
    },
}

/// Turns plans of one palette into rows for one planner, and back.
#[derive(Debug, Clone)]
pub struct PlanCodec {
    config: PlannerConfig,
    roles: Vec<Role>,
}

/// Where an object is drawn among others in the same bin of depth, back to front: by role, regions
/// from the largest, others from the highest foot.
type Tie = (Role, Reverse<u32>, u16);

impl PlanCodec {
    /// A codec for a planner and the palette whose plans it writes.
    ///
    /// # Errors
    /// [`PlanCodecError::Vocabulary`] where the planner's sizes are not those of the palette.
    pub fn new(config: &PlannerConfig, palette: &Palette) -> Result<Self, PlanCodecError> {
        let sizes = [
            ("classes", palette.len(), config.n_classes),
            ("colours", Colour::ALL.len() + 1, config.n_colours),
            ("sizes", Size::ALL.len() + 1, config.n_sizes),
            ("states", State::ALL.len() + 1, config.n_states),
            ("times of day", TimeOfDay::ALL.len(), config.n_times),
        ];
        for (what, expected, got) in sizes {
            if expected != got {
                return Err(PlanCodecError::Vocabulary {
                    what,
                    palette: palette.name.clone(),
                    expected,
                    got,
                });
            }
        }
        Ok(Self {
            config: config.clone(),
            roles: palette.classes.iter().map(Role::of).collect(),
        })
    }

    /// The planner's configuration.
    pub fn config(&self) -> &PlannerConfig {
        &self.config
    }

    /// The place of an edge's bin, in [0, 1].
    pub fn edge(&self, bin: u16) -> f32 {
        f32::from(bin) / self.last_bin() as f32
    }

    /// A depth's bin as a depth, 0 near .. 1 far.
    pub fn depth(&self, bin: u16) -> f32 {
        f32::from(bin) / self.last_depth() as f32
    }

    fn last_bin(&self) -> u16 {
        (self.config.n_bins - 1) as u16
    }

    fn last_depth(&self) -> u16 {
        (self.config.n_depths - 1) as u16
    }

    /// The rows of a plan. Seeds of shapes and the picture's size are not in them.
    ///
    /// # Errors
    /// [`PlanCodecError`]: too many objects, an unknown class, a part without its whole.
    pub fn encode(&self, plan: &Plan) -> Result<PlanRows, PlanCodecError> {
        let objects = &plan.objects;
        if objects.len() > self.config.max_objects {
            return Err(PlanCodecError::Length {
                expected: self.config.max_objects,
                got: objects.len(),
            });
        }
        let mut rows = objects
            .iter()
            .map(|object| self.row(object))
            .collect::<Result<Vec<Row>, _>>()?;
        let wholes = objects
            .iter()
            .map(|object| match object.part_of {
                None => Ok(None),
                Some(whole) => objects
                    .iter()
                    .position(|other| other.id == whole)
                    .map(Some)
                    .ok_or(PlanCodecError::Whole {
                        id: object.id,
                        whole,
                    }),
            })
            .collect::<Result<Vec<Option<usize>>, _>>()?;
        self.separate_depths(&mut rows, &wholes);
        let order = families(&wholes, |a, b| {
            (written(&rows[a]), a).cmp(&(written(&rows[b]), b))
        });
        let mut place = vec![None; objects.len()];
        for (index, &object) in order.iter().enumerate() {
            place[object] = Some(index as u16);
        }
        if let Some(lost) = place.iter().position(Option::is_none) {
            return Err(PlanCodecError::Whole {
                id: objects[lost].id,
                whole: objects[lost].part_of.unwrap_or_default(),
            });
        }
        let rows = order
            .iter()
            .map(|&object| {
                let mut row = rows[object];
                if let Some(whole) = wholes[object] {
                    row[Field::PartOf.index()] = place[whole].map_or(0, |index| index + 1);
                    row[Field::Depth.index()] = rows[root(&wholes, object)][Field::Depth.index()];
                }
                row
            })
            .collect();
        Ok(PlanRows {
            time: plan.scene.time.map(|time| time.index() as u16),
            rows,
        })
    }

    /// The plan that rows say, back to front, with ids from 1 in that order. Seeds of shapes come
    /// from `seed`.
    ///
    /// # Errors
    /// [`PlanCodecError::Value`]: a value outside its field, a part before its whole, an empty box.
    pub fn decode(&self, plan: &PlanRows, frame: Frame, seed: u64) -> Result<Plan, PlanCodecError> {
        for (index, row) in plan.rows.iter().enumerate() {
            self.check(index, row)?;
        }
        let rows = &plan.rows;
        let wholes: Vec<Option<usize>> = rows
            .iter()
            .map(|row| usize::from(row[Field::PartOf.index()]).checked_sub(1))
            .collect();
        let order = families(&wholes, |a, b| {
            (self.drawn(&rows[a]), a).cmp(&(self.drawn(&rows[b]), b))
        });
        let mut ids = vec![0; rows.len()];
        for (place, &row) in order.iter().enumerate() {
            ids[row] = place as u8 + 1;
        }
        let objects = order
            .iter()
            .map(|&index| Object {
                id: ids[index],
                part_of: wholes[index].map(|whole| ids[whole]),
                // A part is as far as its whole.
                depth: self.depth(rows[root(&wholes, index)][Field::Depth.index()]),
                shape_seed: shape_seed(seed, index),
                ..self.object(&rows[index])
            })
            .collect();
        Ok(Plan {
            width: frame.width,
            height: frame.height,
            scene: SceneAttributes {
                time: plan
                    .time
                    .and_then(|time| TimeOfDay::ALL.get(usize::from(time)).copied()),
            },
            objects,
        })
    }

    /// An object's own values; what it is a part of comes later.
    fn row(&self, object: &Object) -> Result<Row, PlanCodecError> {
        let class = usize::from(object.class.0);
        if class == 0 || class >= self.config.n_classes {
            return Err(PlanCodecError::Class {
                id: object.id,
                got: object.class.0,
                last: self.config.n_classes - 1,
            });
        }
        let (left, right) = self.span(object.bbox.x0, object.bbox.x1);
        let (top, bottom) = self.span(object.bbox.y0, object.bbox.y1);
        let depth = object.depth.clamp(0.0, 1.0) * f32::from(self.last_depth());
        let mut row = Row::default();
        let mut set = |field: Field, value: u16| row[field.index()] = value;
        let said = |index: Option<usize>| index.map_or(0, |index| index as u16 + 1);
        set(Field::Class, class as u16);
        set(Field::Size, said(object.attributes.size.map(Size::index)));
        set(
            Field::Colour,
            said(object.attributes.colour.map(Colour::index)),
        );
        set(
            Field::State,
            said(object.attributes.state.map(State::index)),
        );
        set(Field::Depth, depth.round() as u16);
        set(Field::Bottom, bottom);
        set(Field::Left, left);
        set(Field::Right, right);
        set(Field::Top, top);
        Ok(row)
    }

    /// The nearest bins of two edges; if they are one, the edge that is farther from it moves on.
    fn span(&self, low: f32, high: f32) -> (u16, u16) {
        let last = f32::from(self.last_bin());
        let (low, high) = (low.clamp(0.0, 1.0) * last, high.clamp(0.0, 1.0) * last);
        let (first, second) = (low.round() as u16, high.round() as u16);
        if second > first {
            (first, second)
        } else if second < self.last_bin() && (first == 0 || high >= f32::from(second)) {
            (first, first + 1)
        } else {
            (second - 1, second)
        }
    }

    /// Moves wholes back by bins until every whole that overlaps a later one is drawn before it
    /// (as far as there are bins).
    fn separate_depths(&self, rows: &mut [Row], wholes: &[Option<usize>]) {
        let roots: Vec<usize> = (0..rows.len()).filter(|&i| wholes[i].is_none()).collect();
        for place in (0..roots.len()).rev() {
            let far = roots[place];
            for &near in &roots[place + 1..] {
                if !overlap(&rows[far], &rows[near]) {
                    continue;
                }
                let in_order = (self.tie(&rows[far]), written(&rows[far]), far)
                    < (self.tie(&rows[near]), written(&rows[near]), near);
                let least = rows[near][Field::Depth.index()] + u16::from(!in_order);
                let depth = &mut rows[far][Field::Depth.index()];
                *depth = (*depth).max(least).min(self.last_depth());
            }
        }
    }

    fn tie(&self, row: &Row) -> Tie {
        let role = self.roles[usize::from(row[Field::Class.index()])];
        let side = |high: Field, low: Field| u32::from(row[high.index()] - row[low.index()]);
        let area = side(Field::Right, Field::Left) * side(Field::Bottom, Field::Top);
        let region = if role.is_region() { area } else { 0 };
        (role, Reverse(region), row[Field::Bottom.index()])
    }

    /// Where a whole is drawn, back to front.
    fn drawn(&self, row: &Row) -> (Reverse<u16>, Tie) {
        (Reverse(row[Field::Depth.index()]), self.tie(row))
    }

    fn check(&self, index: usize, row: &Row) -> Result<(), PlanCodecError> {
        let last = |field: Field| self.config.n_values(field) as u16 - 1;
        for field in Field::ALL {
            let (first, last) = match field {
                Field::Class => (1, last(Field::Class) - 1),
                Field::PartOf => (0, index as u16),
                Field::Right => (row[Field::Left.index()] + 1, last(field)),
                Field::Top => (0, row[Field::Bottom.index()].saturating_sub(1)),
                Field::Bottom => (1, last(field)),
                _ => (0, last(field)),
            };
            let got = row[field.index()];
            if !(first..=last).contains(&got) {
                return Err(PlanCodecError::Value {
                    row: index,
                    field,
                    got,
                    first,
                    last,
                });
            }
        }
        Ok(())
    }

    /// The object of a checked row, without what depends on other rows.
    fn object(&self, row: &Row) -> Object {
        let said = |field: Field| usize::from(row[field.index()]).checked_sub(1);
        let edge = |field: Field| self.edge(row[field.index()]);
        Object {
            id: 0,
            class: ClassId(row[Field::Class.index()] as u8),
            bbox: BBox {
                x0: edge(Field::Left),
                y0: edge(Field::Top),
                x1: edge(Field::Right),
                y1: edge(Field::Bottom),
            },
            attributes: Attributes {
                colour: said(Field::Colour).map(|index| Colour::ALL[index]),
                size: said(Field::Size).map(|index| Size::ALL[index]),
                state: said(Field::State).map(|index| State::ALL[index]),
            },
            part_of: None,
            depth: 0.0,
            shape_seed: 0,
        }
    }
}

/// Where a row is written among its siblings: by class, far before near, left before right.
fn written(row: &Row) -> (u16, Reverse<u16>, u16, u16) {
    let value = |field: Field| row[field.index()];
    (
        value(Field::Class),
        Reverse(value(Field::Depth)),
        value(Field::Left),
        value(Field::Top),
    )
}

fn overlap(a: &Row, b: &Row) -> bool {
    let apart = |high: Field, low: Field| {
        a[high.index()] <= b[low.index()] || b[high.index()] <= a[low.index()]
    };
    !apart(Field::Right, Field::Left) && !apart(Field::Bottom, Field::Top)
}

/// What an object is a part of in the end; in a circle of wholes, one of them.
fn root(wholes: &[Option<usize>], object: usize) -> usize {
    let mut root = object;
    for _ in 0..wholes.len() {
        match wholes[root] {
            Some(whole) => root = whole,
            None => break,
        }
    }
    root
}

/// All wholes in order, each followed by its parts in order. Objects of a circle of wholes are left
/// out.
fn families(
    wholes: &[Option<usize>],
    order: impl Fn(usize, usize) -> std::cmp::Ordering,
) -> Vec<usize> {
    fn add(
        of: Option<usize>,
        wholes: &[Option<usize>],
        order: &impl Fn(usize, usize) -> std::cmp::Ordering,
        all: &mut Vec<usize>,
    ) {
        let mut members: Vec<usize> = (0..wholes.len()).filter(|&i| wholes[i] == of).collect();
        members.sort_by(|&a, &b| order(a, b));
        for member in members {
            all.push(member);
            add(Some(member), wholes, order, all);
        }
    }
    let mut all = Vec::with_capacity(wholes.len());
    add(None, wholes, &order, &mut all);
    all
}

/// The seed of an object's shape.
fn shape_seed(seed: u64, row: usize) -> u32 {
    (NoiseStream::new(seed, row as u64).uniform() * 4_294_967_296.0) as u32
}

#[cfg(test)]
mod tests {
    use segue_model::preset::{ModelConfig, Vocabulary};
    use segue_scene::checks::check_clauses;
    use segue_scene::clause::ClauseKind;
    use segue_scene::observe::Observation;
    use segue_scene::palette::class;
    use segue_scene::sampler::Sampler;
    use segue_scene::scene::{Scene, Split};
    use segue_scene::truth::clauses_of;

    use super::*;

    const FRAME: Frame = Frame {
        width: 128,
        height: 128,
    };

    fn vocabulary() -> Vocabulary {
        Vocabulary {
            n_classes: Palette::scene().len(),
            n_colours: Colour::ALL.len() + 1,
            n_sizes: Size::ALL.len() + 1,
            n_states: State::ALL.len() + 1,
            n_times: TimeOfDay::ALL.len(),
        }
    }

    fn codec() -> PlanCodec {
        let config = ModelConfig::tiny(vocabulary()).planner;
        PlanCodec::new(&config, Palette::scene()).unwrap()
    }

    fn scenes(n: usize) -> impl Iterator<Item = Scene> {
        [Split::Train, Split::Compositional]
            .into_iter()
            .flat_map(move |split| Sampler::new(split, 3).scenes().take(n / 2))
    }

    fn round_trip(codec: &PlanCodec, plan: &Plan) -> Plan {
        codec
            .decode(&codec.encode(plan).unwrap(), FRAME, 1)
            .unwrap()
    }

    #[test]
    fn plans_keep_what_is_true_of_them() {
        let codec = codec();
        let mut kept = std::collections::BTreeMap::<ClauseKind, [usize; 2]>::new();
        for scene in scenes(300) {
            let clauses = clauses_of(&scene);
            let plan = round_trip(&codec, &scene.plan);
            let seen = Observation::of_plan(&plan, Palette::scene());
            for (clause, result) in clauses.iter().zip(check_clauses(&clauses, &seen)) {
                let [held, all] = kept.entry(clause.kind).or_default();
                *held += usize::from(result.held);
                *all += 1;
            }
        }
        println!("{kept:?}");
        for (kind, [held, all]) in kept {
            let least = match kind {
                ClauseKind::Relation => 0.97,
                _ => 1.0,
            };
            assert!(
                held as f64 >= least * all as f64,
                "{kind:?}: {held} of {all}"
            );
        }
    }

    #[test]
    fn every_edge_moves_by_at_most_half_a_bin() {
        let codec = codec();
        for scene in scenes(60) {
            let rows = codec.encode(&scene.plan).unwrap();
            for object in &scene.plan.objects {
                let near = |row: &Row| {
                    let found = codec.object(row).bbox;
                    <[f32; 4]>::from(found)
                        .iter()
                        .zip(<[f32; 4]>::from(object.bbox))
                        .all(|(a, b)| (a - b).abs() <= 0.5 / 63.0 + 1e-6)
                };
                assert!(rows.rows.iter().any(near), "{object:?}");
            }
        }
    }

    #[test]
    fn parts_stay_large_enough_to_be_seen() {
        let codec = codec();
        for scene in scenes(100) {
            for object in round_trip(&codec, &scene.plan).objects {
                if object.part_of.is_some() {
                    let side = object.bbox.width().min(object.bbox.height());
                    assert!(side >= 6.0 / 128.0, "{object:?}");
                }
            }
        }
    }

    #[test]
    fn what_overlaps_at_different_depths_is_drawn_in_the_same_order_again() {
        let codec = codec();
        for scene in scenes(100) {
            let before = &scene.plan.objects;
            let after = round_trip(&codec, &scene.plan).objects;
            let class_and_box = |o: &Object| (o.class, codec.row(o).unwrap()[6..].to_vec());
            let place = |object: &Object| {
                after
                    .iter()
                    .position(|other| class_and_box(other) == class_and_box(object))
                    .unwrap()
            };
            for (index, far) in before.iter().enumerate() {
                for near in &before[index + 1..] {
                    let rows = (codec.row(far).unwrap(), codec.row(near).unwrap());
                    if far.depth > near.depth + 0.002 && overlap(&rows.0, &rows.1) {
                        assert!(place(far) <= place(near), "{far:?} behind {near:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn rows_of_decoded_rows_are_the_same_rows() {
        let codec = codec();
        for scene in scenes(100) {
            let rows = codec.encode(&scene.plan).unwrap();
            let again = codec.encode(&codec.decode(&rows, FRAME, 9).unwrap());
            assert_eq!(again.unwrap(), rows);
        }
    }

    #[test]
    fn wholes_are_written_by_class_and_followed_by_their_parts() {
        let codec = codec();
        for scene in scenes(60) {
            let rows = codec.encode(&scene.plan).unwrap().rows;
            let value = |row: &Row, field: Field| row[field.index()];
            let mut last = 0;
            for (index, row) in rows.iter().enumerate() {
                match usize::from(value(row, Field::PartOf)) {
                    0 => {
                        assert!(value(row, Field::Class) >= last);
                        last = value(row, Field::Class);
                    }
                    whole => {
                        assert_eq!(value(&rows[whole - 1], Field::PartOf), 0);
                        assert!(
                            rows[whole..=index]
                                .iter()
                                .all(|row| usize::from(value(row, Field::PartOf)) == whole)
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn shapes_depend_on_the_seed_alone() {
        let codec = codec();
        let rows = codec.encode(&scenes(2).next().unwrap().plan).unwrap();
        let seeds = |seed| -> Vec<u32> {
            let plan = codec.decode(&rows, FRAME, seed).unwrap();
            plan.objects.iter().map(|o| o.shape_seed).collect()
        };
        assert_eq!(seeds(4), seeds(4));
        assert_ne!(seeds(4), seeds(5));
    }

    #[test]
    fn thin_boxes_stay_boxes() {
        let codec = codec();
        for (low, high) in [(0.0, 0.001), (0.999, 1.0), (0.5, 0.5001), (0.508, 0.509)] {
            let (first, second) = codec.span(low, high);
            assert_eq!(second, first + 1, "{low} to {high}");
        }
    }

    #[test]
    fn rows_that_say_nothing_possible_are_refused() {
        let codec = codec();
        let row = |class, part, bottom, left, right, top| {
            [class, part, 0, 0, 0, 3, bottom, left, right, top]
        };
        let refused = |row: Row, field: Field| {
            let rows = PlanRows {
                time: Some(0),
                rows: vec![row],
            };
            let error = codec.decode(&rows, FRAME, 0).unwrap_err();
            assert!(
                matches!(error, PlanCodecError::Value { field: got, .. } if got == field),
                "{error}"
            );
        };
        let tree = u16::from(class::TREE.0);
        refused(row(0, 0, 9, 1, 5, 2), Field::Class);
        refused(row(32, 0, 9, 1, 5, 2), Field::Class);
        refused(row(tree, 1, 9, 1, 5, 2), Field::PartOf);
        refused(row(tree, 0, 9, 5, 5, 2), Field::Right);
        refused(row(tree, 0, 9, 1, 5, 9), Field::Top);
        refused(row(tree, 0, 64, 1, 5, 2), Field::Bottom);
    }

    #[test]
    fn plans_that_cannot_be_written_are_refused() {
        let codec = codec();
        let plan = scenes(2).next().unwrap().plan;
        let mut orphan = plan.clone();
        orphan.objects[0].part_of = Some(250);
        assert!(matches!(
            codec.encode(&orphan),
            Err(PlanCodecError::Whole { whole: 250, .. })
        ));
        let mut circle = plan.clone();
        circle.objects[0].part_of = Some(circle.objects[0].id);
        assert!(matches!(
            codec.encode(&circle),
            Err(PlanCodecError::Whole { .. })
        ));
        let mut crowd = plan;
        let object = crowd.objects[0].clone();
        crowd.objects = vec![object; 33];
        assert!(matches!(
            codec.encode(&crowd),
            Err(PlanCodecError::Length { got: 33, .. })
        ));
    }

    #[test]
    fn a_planner_of_another_vocabulary_is_refused() {
        let config = PlannerConfig {
            n_classes: 12,
            ..codec().config
        };
        let error = PlanCodec::new(&config, Palette::scene()).unwrap_err();
        assert!(error.to_string().contains("knows 12 classes"), "{error}");
    }
}
