//! plan.json: a plan in palette names, written and strictly read.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::attribute::{Attributes, Colour, Size, State, TimeOfDay};
use crate::palette::Palette;
use crate::plan::{BBox, MAX_OBJECTS, Object, PLAN_VERSION, Plan, SceneAttributes};

/// A plan.json that cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PlanError {
    /// Not JSON.
    #[error("the plan is not readable: {reason}")]
    Unreadable {
        /// What the reader said, with line and column.
        reason: String,
    },
    /// A version that this program does not read.
    #[error("the plan's `version` is {got}; this program reads version {expected}")]
    Version {
        /// The version that is read.
        expected: u32,
        /// What stands there.
        got: String,
    },
    /// A field is missing, unknown or of a wrong form or value.
    #[error("{place}: field `{field}` is {got}; expected {expected}")]
    Field {
        /// `the plan`, or the object by place and id.
        place: String,
        /// Field.
        field: String,
        /// What stands there, as JSON; `missing`.
        got: String,
        /// What can stand there.
        expected: String,
    },
    /// Two objects with one id.
    #[error("{place}: id {id} is taken by {other}; ids are unique, {free} is free")]
    DuplicateId {
        /// The second object of that id.
        place: String,
        /// The id.
        id: u8,
        /// The first object of that id.
        other: String,
        /// An id that no object has.
        free: u8,
    },
    /// A class that the palette does not have.
    #[error("{place}: class `{got}` is not in the palette `{palette}`; did you mean `{nearest}`?")]
    UnknownClass {
        /// The object.
        place: String,
        /// The name.
        got: String,
        /// Name of the palette.
        palette: String,
        /// The nearest class.
        nearest: String,
    },
    /// More objects than a plan holds.
    #[error("the plan has {got} objects; at most {expected} are possible: leave out {}", got - expected)]
    TooMany {
        /// The most.
        expected: usize,
        /// How many there are.
        got: usize,
    },
}

#[derive(Serialize)]
struct PlanRecord {
    version: u32,
    width: u32,
    height: u32,
    scene: SceneAttributes,
    objects: Vec<ObjectRecord>,
}

#[derive(Serialize, Deserialize)]
struct ObjectRecord {
    id: u8,
    class: String,
    #[serde(rename = "box")]
    bbox: BBox,
    attributes: Attributes,
    part_of: Option<u8>,
    depth: f32,
    shape_seed: u32,
}

impl Plan {
    /// plan.json, indented: `version`, `width`, `height`, `scene` (`time`), and `objects` back to
    /// front with `id`, `class`, `box` (`[x0, y0, x1, y1]` in 0..1), `attributes` (`colour`, `size`,
    /// `state`), `part_of`, `depth` (0 near .. 1 far) and `shape_seed`.
    pub fn to_json(&self, palette: &Palette) -> String {
        let objects = self.objects.iter().map(|object| ObjectRecord {
            id: object.id,
            class: palette.name_of(object.class).to_owned(),
            bbox: object.bbox,
            attributes: object.attributes,
            part_of: object.part_of,
            depth: object.depth,
            shape_seed: object.shape_seed,
        });
        let record = PlanRecord {
            version: PLAN_VERSION,
            width: self.width,
            height: self.height,
            scene: self.scene,
            objects: objects.collect(),
        };
        serde_json::to_string_pretty(&record).expect("a plan holds only strings and numbers")
    }

    /// Reads and checks a plan.json.
    ///
    /// # Errors
    /// [`PlanError`] names the object, the field, what stands there and what can.
    pub fn from_json(text: &str, palette: &Palette) -> Result<Self, PlanError> {
        let value: Value = serde_json::from_str(text).map_err(|error| PlanError::Unreadable {
            reason: error.to_string(),
        })?;
        let plan = Fields::of(&value, "the plan")?;
        // The version comes first: fields of other versions are not unknown fields of this one.
        let version = plan.get("version");
        if version != &Value::from(PLAN_VERSION) {
            return Err(PlanError::Version {
                expected: PLAN_VERSION,
                got: shown(version),
            });
        }
        plan.only(&["version", "width", "height", "scene", "objects"])?;
        let objects = plan
            .get("objects")
            .as_array()
            .ok_or_else(|| plan.wrong("objects", "a list of objects"))?;
        if objects.len() > MAX_OBJECTS {
            return Err(PlanError::TooMany {
                expected: MAX_OBJECTS,
                got: objects.len(),
            });
        }
        let read = Self {
            width: plan.number("width", 1..=4096)? as u32,
            height: plan.number("height", 1..=4096)? as u32,
            scene: read_scene(&plan)?,
            objects: objects
                .iter()
                .enumerate()
                .map(|(place, object)| read_object(object, place, palette))
                .collect::<Result<_, _>>()?,
        };
        check_ids(&read, palette)?;
        check_parts(&read, palette)?;
        Ok(read)
    }
}

/// A JSON object with the words that name it in errors.
struct Fields<'a> {
    place: String,
    map: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    fn of(value: &'a Value, place: &str) -> Result<Self, PlanError> {
        let place = place.to_owned();
        match value.as_object() {
            Some(map) => Ok(Self { place, map }),
            None => Err(PlanError::Field {
                place,
                field: "(all)".to_owned(),
                got: shown(value),
                expected: "a JSON object".to_owned(),
            }),
        }
    }

    /// The field's value; null where it is missing.
    fn get(&self, field: &str) -> &'a Value {
        self.map.get(field).unwrap_or(&Value::Null)
    }

    fn wrong(&self, field: &str, expected: &str) -> PlanError {
        PlanError::Field {
            place: self.place.clone(),
            field: field.to_owned(),
            got: self.map.get(field).map_or("missing".to_owned(), shown),
            expected: expected.to_owned(),
        }
    }

    /// Refuses fields beside the named ones.
    fn only(&self, known: &[&str]) -> Result<(), PlanError> {
        match self.map.keys().find(|key| !known.contains(&key.as_str())) {
            Some(key) => Err(self.wrong(
                key,
                &format!("no such field; known are {}", known.join(", ")),
            )),
            None => Ok(()),
        }
    }

    fn number(&self, field: &str, range: std::ops::RangeInclusive<u64>) -> Result<u64, PlanError> {
        let expected = || format!("a whole number from {} to {}", range.start(), range.end());
        self.get(field)
            .as_u64()
            .filter(|number| range.contains(number))
            .ok_or_else(|| self.wrong(field, &expected()))
    }

    /// An optional named value; the names are said where it has none of them.
    fn named<T: Copy>(
        &self,
        field: &str,
        all: &[T],
        name: impl Fn(T) -> &'static str,
    ) -> Result<Option<T>, PlanError> {
        let value = self.get(field);
        if value.is_null() {
            return Ok(None);
        }
        let found = value
            .as_str()
            .and_then(|text| all.iter().copied().find(|&known| name(known) == text));
        if found.is_none() {
            let names: Vec<&str> = all.iter().map(|&known| name(known)).collect();
            let expected = if names.is_empty() {
                "nothing: the class has none".to_owned()
            } else {
                format!("one of {}", names.join(", "))
            };
            return Err(self.wrong(field, &expected));
        }
        Ok(found)
    }
}

/// A JSON value as an error shows it: short.
fn shown(value: &Value) -> String {
    let text = match value {
        Value::Null => "missing".to_owned(),
        other => other.to_string(),
    };
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

fn read_scene(plan: &Fields<'_>) -> Result<SceneAttributes, PlanError> {
    let value = plan.get("scene");
    if value.is_null() {
        return Ok(SceneAttributes::default());
    }
    let scene = Fields::of(value, "the plan's `scene`")?;
    scene.only(&["time"])?;
    let time = scene.named("time", TimeOfDay::ALL, TimeOfDay::name)?;
    Ok(SceneAttributes { time })
}

fn read_object(value: &Value, place: usize, palette: &Palette) -> Result<Object, PlanError> {
    let id = value.get("id").map_or("missing".to_owned(), shown);
    let named = format!("object {} (id {id})", place + 1);
    let fields = Fields::of(value, &named)?;
    fields.only(&[
        "id",
        "class",
        "box",
        "attributes",
        "part_of",
        "depth",
        "shape_seed",
    ])?;
    let id = fields.number("id", 1..=255)? as u8;
    let name = fields
        .get("class")
        .as_str()
        .ok_or_else(|| fields.wrong("class", "a class name"))?;
    let class = palette
        .id_of(name)
        .filter(|class| class.0 != 0)
        .ok_or_else(|| PlanError::UnknownClass {
            place: named.clone(),
            got: name.to_owned(),
            palette: palette.name.clone(),
            nearest: nearest_class(name, palette),
        })?;
    let depth = fields
        .get("depth")
        .as_f64()
        .filter(|depth| (0.0..=1.0).contains(depth))
        .ok_or_else(|| fields.wrong("depth", "a number from 0 (near) to 1 (far)"))?;
    let part_of = match fields.get("part_of") {
        Value::Null => None,
        _ => Some(fields.number("part_of", 1..=255)? as u8),
    };
    Ok(Object {
        id,
        class,
        bbox: read_box(&fields)?,
        attributes: read_attributes(&fields, palette, name)?,
        part_of,
        depth: depth as f32,
        shape_seed: fields.number("shape_seed", 0..=u64::from(u32::MAX))? as u32,
    })
}

fn read_box(fields: &Fields<'_>) -> Result<BBox, PlanError> {
    let edges: Vec<f32> = fields
        .get("box")
        .as_array()
        .map(|edges| edges.iter().filter_map(Value::as_f64))
        .map(|edges| edges.map(|edge| edge as f32).collect())
        .unwrap_or_default();
    let is_list_of_4 = fields
        .get("box")
        .as_array()
        .is_some_and(|list| list.len() == 4);
    let &[x0, y0, x1, y1] = edges.as_slice() else {
        return Err(fields.wrong("box", "four numbers [x0, y0, x1, y1]"));
    };
    if !is_list_of_4 || !edges.iter().all(|edge| (0.0..=1.0).contains(edge)) {
        return Err(fields.wrong("box", "[x0, y0, x1, y1], each from 0 to 1"));
    }
    if x0 >= x1 || y0 >= y1 {
        return Err(fields.wrong(
            "box",
            "[x0, y0, x1, y1] with x0 < x1 and y0 < y1 (exchange the edges)",
        ));
    }
    Ok(BBox { x0, y0, x1, y1 })
}

fn read_attributes(
    object: &Fields<'_>,
    palette: &Palette,
    class: &str,
) -> Result<Attributes, PlanError> {
    let value = object.get("attributes");
    if value.is_null() {
        return Ok(Attributes::default());
    }
    let fields = Fields::of(value, &format!("{}, `{class}`", object.place))?;
    fields.only(&["colour", "size", "state"])?;
    let spec = palette
        .id_of(class)
        .and_then(|id| palette.get(id))
        .expect("the class was found before");
    Ok(Attributes {
        colour: fields.named("colour", &spec.colours, Colour::name)?,
        size: fields.named("size", &spec.sizes, Size::name)?,
        state: fields.named("state", &spec.states, State::name)?,
    })
}

fn check_ids(plan: &Plan, palette: &Palette) -> Result<(), PlanError> {
    for (place, object) in plan.objects.iter().enumerate() {
        let earlier = plan.objects[..place].iter().position(|o| o.id == object.id);
        if let Some(earlier) = earlier {
            let free = (1..=u8::MAX)
                .find(|&id| plan.object(id).is_none())
                .expect("a plan has fewer objects than there are ids");
            return Err(PlanError::DuplicateId {
                place: place_of(plan, place, palette),
                id: object.id,
                other: place_of(plan, earlier, palette),
                free,
            });
        }
    }
    Ok(())
}

fn check_parts(plan: &Plan, palette: &Palette) -> Result<(), PlanError> {
    for (place, object) in plan.objects.iter().enumerate() {
        let Some(whole) = object.part_of else {
            continue;
        };
        let wanted = palette.get(object.class).and_then(|class| class.part_of);
        let got = plan.object(whole);
        if wanted.is_some() && got.map(|whole| whole.class) == wanted {
            continue;
        }
        let expected = match wanted {
            Some(class) => {
                let wanted = palette.name_of(class);
                let ids: Vec<String> = plan
                    .objects
                    .iter()
                    .filter(|object| object.class == class)
                    .map(|object| object.id.to_string())
                    .collect();
                match ids.is_empty() {
                    true => format!("null: the plan has no {wanted}"),
                    false => format!("the id of a {wanted} ({}) or null", ids.join(", ")),
                }
            }
            None => "null: the class is no part".to_owned(),
        };
        let got = match got {
            Some(whole) => format!("{} (a {})", whole.id, palette.name_of(whole.class)),
            None => format!("{whole} (no such object)"),
        };
        return Err(PlanError::Field {
            place: place_of(plan, place, palette),
            field: "part_of".to_owned(),
            got,
            expected,
        });
    }
    Ok(())
}

fn place_of(plan: &Plan, place: usize, palette: &Palette) -> String {
    let object = &plan.objects[place];
    let class = palette.name_of(object.class);
    format!("object {} (id {}, `{class}`)", place + 1, object.id)
}

/// The class whose name is fewest edits away.
fn nearest_class(name: &str, palette: &Palette) -> String {
    let name = name.to_lowercase();
    palette
        .classes
        .iter()
        .skip(1)
        .min_by_key(|class| edits(&name, &class.name))
        .map_or(String::new(), |class| class.name.clone())
}

/// Levenshtein distance in characters.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a) in a.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &b) in b.iter().enumerate() {
            let substitution = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = substitution.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PLAN: &str = r#"{"version": 1, "width": 128, "height": 128, "scene": {"time": "day"}, "objects": [
        {"id": 3, "class": "house", "box": [0.1, 0.2, 0.5, 0.6], "attributes": {"colour": "red"},
         "part_of": null, "depth": 0.5, "shape_seed": 9},
        {"id": 4, "class": "window", "box": [0.2, 0.3, 0.3, 0.4], "attributes": {},
         "part_of": 3, "depth": 0.5, "shape_seed": 10}]}"#;

    fn read(text: &str) -> Result<Plan, PlanError> {
        Plan::from_json(text, Palette::scene())
    }

    /// Reads the plan with one text replaced and compares the error.
    fn check(old: &str, new: &str, expected: &str) {
        assert!(PLAN.contains(old), "{old}");
        let error = read(&PLAN.replacen(old, new, 1)).unwrap_err().to_string();
        assert_eq!(error, expected);
    }

    #[test]
    fn a_plan_is_read() {
        let plan = read(PLAN).unwrap();
        assert_eq!(plan.objects[0].attributes.colour, Some(Colour::Red));
        assert_eq!(plan.objects[1].part_of, Some(3));
        assert_eq!(plan.scene.time, Some(TimeOfDay::Day));
    }

    #[test]
    fn boxes_outside_or_inverted_are_named() {
        check(
            "0.5, 0.6]",
            "1.5, 0.6]",
            "object 1 (id 3): field `box` is [0.1,0.2,1.5,0.6]; expected [x0, y0, x1, y1], each from 0 to 1",
        );
        check(
            "[0.2, 0.3, 0.3, 0.4]",
            "[0.3, 0.3, 0.2, 0.4]",
            "object 2 (id 4): field `box` is [0.3,0.3,0.2,0.4]; expected [x0, y0, x1, y1] with x0 < x1 and y0 < y1 (exchange the edges)",
        );
        check(
            "0.5, 0.6]",
            "0.5]",
            "object 1 (id 3): field `box` is [0.1,0.2,0.5]; expected four numbers [x0, y0, x1, y1]",
        );
        check(
            "[0.2, 0.3, 0.3, 0.4]",
            "[0.2, \"a\", 0.3, 0.3, 0.4]",
            "object 2 (id 4): field `box` is [0.2,\"a\",0.3,0.3,0.4]; expected [x0, y0, x1, y1], each from 0 to 1",
        );
    }

    #[test]
    fn a_double_id_is_named_with_a_free_one() {
        check(
            "\"id\": 4",
            "\"id\": 3",
            "object 2 (id 3, `window`): id 3 is taken by object 1 (id 3, `house`); ids are unique, 1 is free",
        );
    }

    #[test]
    fn an_unknown_class_is_named_with_the_nearest() {
        check(
            "\"window\"",
            "\"windoe\"",
            "object 2 (id 4): class `windoe` is not in the palette `scene`; did you mean `window`?",
        );
    }

    #[test]
    fn parts_need_their_whole() {
        check(
            "\"part_of\": 3",
            "\"part_of\": 7",
            "object 2 (id 4, `window`): field `part_of` is 7 (no such object); expected the id of a house (3) or null",
        );
        check(
            "\"part_of\": null",
            "\"part_of\": 4",
            "object 1 (id 3, `house`): field `part_of` is 4 (a window); expected null: the class is no part",
        );
    }

    #[test]
    fn an_unnatural_colour_is_named_with_the_natural_ones() {
        check(
            "\"red\"",
            "\"purple\"",
            "object 1 (id 3), `house`: field `colour` is \"purple\"; expected one of red, orange, yellow, green, blue, pink, brown, white, grey",
        );
        check(
            "\"attributes\": {}",
            "\"attributes\": {\"state\": \"eating\"}",
            "object 2 (id 4), `window`: field `state` is \"eating\"; expected nothing: the class has none",
        );
    }

    #[test]
    fn other_versions_and_unknown_fields_are_refused() {
        check(
            "\"version\": 1",
            "\"version\": 2",
            "the plan's `version` is 2; this program reads version 1",
        );
        check(
            "\"width\"",
            "\"widht\"",
            "the plan: field `widht` is 128; expected no such field; known are version, width, height, scene, objects",
        );
    }

    #[test]
    fn more_than_32_objects_are_refused() {
        let mut plan = read(PLAN).unwrap();
        plan.objects = (1..=33)
            .map(|id| Object {
                id,
                ..plan.objects[0].clone()
            })
            .collect();
        let error = read(&plan.to_json(Palette::scene())).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the plan has 33 objects; at most 32 are possible: leave out 1"
        );
    }

    prop_compose! {
        fn an_object()(
            class in 1u8..32,
            edges in prop::array::uniform4(0.0f32..=1.0),
            depth in 0.0f32..=1.0,
            shape_seed: u32,
            pick: usize,
        ) -> Object {
            let spec = &Palette::scene().classes[usize::from(class)];
            let one_of = |n: usize| (n > 0).then(|| pick % n.max(1));
            Object {
                id: 0,
                class: spec.id,
                bbox: BBox {
                    x0: edges[0].min(edges[2]) * 0.99,
                    y0: edges[1].min(edges[3]) * 0.99,
                    x1: edges[0].max(edges[2]) * 0.99 + 0.01,
                    y1: edges[1].max(edges[3]) * 0.99 + 0.01,
                },
                attributes: Attributes {
                    colour: one_of(spec.colours.len()).map(|i| spec.colours[i]),
                    size: one_of(spec.sizes.len()).map(|i| spec.sizes[i]),
                    state: one_of(spec.states.len()).map(|i| spec.states[i]),
                },
                part_of: None,
                depth,
                shape_seed,
            }
        }
    }

    proptest! {
        #[test]
        fn plans_survive_writing_and_reading(
            mut objects in prop::collection::vec(an_object(), 0..=MAX_OBJECTS),
            size in 1u32..512,
            time in prop::option::of(0usize..3),
        ) {
            for (place, object) in objects.iter_mut().enumerate() {
                object.id = 255 - place as u8;
            }
            let scene = SceneAttributes { time: time.map(|i| TimeOfDay::ALL[i]) };
            let plan = Plan { width: size, height: size, scene, objects };
            prop_assert_eq!(read(&plan.to_json(Palette::scene())), Ok(plan));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in ".{0,200}") {
            let _ = read(&text);
        }

        #[test]
        fn no_broken_plan_makes_the_reader_panic(at in 0..PLAN.len(), with in "[0-9a-z\\[\\]{}\",.:-]{0,3}") {
            let mut text = PLAN.to_owned();
            text.replace_range(at..=at, &with);
            let _ = read(&text);
        }
    }
}
