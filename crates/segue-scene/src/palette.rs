//! Palettes: the classes of a data set with what can be said of each.
//!
//! The scene world's palette is [`Palette::scene`]; imported data sets bring their own as JSON.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::attribute::{Colour, Size, State};

/// Index of a class in its palette; 0 is always `void`. The value of a pixel in a class map.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct ClassId(pub u8);

/// How a class is counted and drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClassKind {
    /// Nothing, or not labelled.
    Void,
    /// Amorphous regions: sky, grass, road.
    Stuff,
    /// Countable things.
    Thing,
}

/// One class of a palette.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassSpec {
    /// Position in the palette.
    pub id: ClassId,
    /// English name: what clauses, plans and files call the class.
    pub name: String,
    /// Vietnamese name.
    pub vi: String,
    /// Void, stuff or thing.
    pub kind: ClassKind,
    /// Whether a prompt can count it (all things, and cloud, sun, moon, mountain).
    pub countable: bool,
    /// The class that this one is a part of (a window of a house).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_of: Option<ClassId>,
    /// Colours natural for the class; empty: colour is not said of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub colours: Vec<Colour>,
    /// Sizes that can be said of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sizes: Vec<Size>,
    /// States that it can be in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<State>,
    /// Colour of the class in drawn maps, sRGB.
    pub rgb: [u8; 3],
}

/// The classes of a data set, in the order of their ids, `void` first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Palette {
    /// Name of the data set: `scene`, `camvid`, ...
    pub name: String,
    /// The classes; `classes[i].id == i`.
    pub classes: Vec<ClassSpec>,
}

/// A palette that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaletteError {
    /// Not JSON, or not of the palette's form.
    #[error("the palette is not readable: {reason}")]
    Unreadable {
        /// What the reader said, with line and column.
        reason: String,
    },
    /// Ids must count up from 0.
    #[error("class `{name}` stands at place {expected} of the palette but has id {got}")]
    Id {
        /// Class name.
        name: String,
        /// Its place.
        expected: usize,
        /// Its id.
        got: u8,
    },
    /// The first class must be void and no other may be.
    #[error(
        "class 0 must be `void` and no other class may be of that kind; class {id} is `{name}`"
    )]
    Void {
        /// Offending id.
        id: u8,
        /// Offending name.
        name: String,
    },
    /// Names are what files and clauses use: no two alike, none empty.
    #[error("the class name `{name}` is empty or stands twice in the palette")]
    Name {
        /// The name.
        name: String,
    },
    /// A part must belong to another class of the palette.
    #[error("class `{name}` is a part of class {got}, which the palette does not have")]
    PartOf {
        /// The part's name.
        name: String,
        /// The id it names.
        got: u8,
    },
    /// Maps hold class ids in 8 bits.
    #[error("the palette has {got} classes; 1 to 256 are possible")]
    Length {
        /// Number of classes.
        got: usize,
    },
}

impl Palette {
    /// The palette of the scene world (32 classes).
    pub fn scene() -> &'static Palette {
        static SCENE: OnceLock<Palette> = OnceLock::new();
        SCENE.get_or_init(scene_palette)
    }

    /// Number of classes, `void` included.
    pub fn len(&self) -> usize {
        self.classes.len()
    }

    /// Whether there is no class at all (never true of a checked palette).
    pub fn is_empty(&self) -> bool {
        self.classes.is_empty()
    }

    /// The class of that id, if the palette has it.
    pub fn get(&self, id: ClassId) -> Option<&ClassSpec> {
        self.classes.get(usize::from(id.0))
    }

    /// The English name of a class; `void` for an id that the palette does not have.
    pub fn name_of(&self, id: ClassId) -> &str {
        self.get(id).map_or("void", |class| &class.name)
    }

    /// The id of the class of that English name.
    pub fn id_of(&self, name: &str) -> Option<ClassId> {
        self.classes
            .iter()
            .find(|class| class.name == name)
            .map(|class| class.id)
    }

    /// Reads and checks a palette.
    ///
    /// # Errors
    /// [`PaletteError`] names the class that is wrong.
    pub fn from_json(text: &str) -> Result<Self, PaletteError> {
        let palette: Self =
            serde_json::from_str(text).map_err(|error| PaletteError::Unreadable {
                reason: error.to_string(),
            })?;
        palette.check()?;
        Ok(palette)
    }

    /// Checks ids, names, void and parts.
    ///
    /// # Errors
    /// [`PaletteError`] names the class that is wrong.
    pub fn check(&self) -> Result<(), PaletteError> {
        if self.classes.is_empty() || self.classes.len() > 256 {
            return Err(PaletteError::Length {
                got: self.classes.len(),
            });
        }
        for (place, class) in self.classes.iter().enumerate() {
            let name = class.name.clone();
            if usize::from(class.id.0) != place {
                return Err(PaletteError::Id {
                    name,
                    expected: place,
                    got: class.id.0,
                });
            }
            if (place == 0) != (class.kind == ClassKind::Void) {
                return Err(PaletteError::Void {
                    id: class.id.0,
                    name,
                });
            }
            let twice = self.classes[..place]
                .iter()
                .any(|other| other.name == class.name);
            if name.trim().is_empty() || twice {
                return Err(PaletteError::Name { name });
            }
            if let Some(whole) = class.part_of
                && (self.get(whole).is_none() || whole == class.id)
            {
                return Err(PaletteError::PartOf { name, got: whole.0 });
            }
        }
        Ok(())
    }
}

/// Declares the scene world's classes: id constants and table from one list.
macro_rules! scene_classes {
    ($($id:literal $constant:ident $name:literal $vi:literal $kind:ident $countable:literal
        part $part:expr, colours [$($colour:ident)*], sizes [$($size:ident)*],
        states [$($state:ident)*], rgb $rgb:expr;)+) => {
        /// Ids of the scene world's classes.
        pub mod class {
            use super::ClassId;
            $(#[doc = concat!("`", $name, "`")] pub const $constant: ClassId = ClassId($id);)+
        }

        fn scene_palette() -> Palette {
            Palette {
                name: "scene".to_owned(),
                classes: vec![$(ClassSpec {
                    id: ClassId($id),
                    name: $name.to_owned(),
                    vi: $vi.to_owned(),
                    kind: ClassKind::$kind,
                    countable: $countable,
                    part_of: $part,
                    colours: vec![$(Colour::$colour),*],
                    sizes: vec![$(Size::$size),*],
                    states: vec![$(State::$state),*],
                    rgb: $rgb,
                }),+],
            }
        }
    };
}

scene_classes! {
    0 VOID "void" "trống" Void false part None, colours [], sizes [], states [], rgb [0, 0, 0];
    1 SKY "sky" "bầu trời" Stuff false part None, colours [], sizes [], states [], rgb [135, 190, 235];
    2 CLOUD "cloud" "đám mây" Stuff true part None, colours [], sizes [Small Large], states [], rgb [236, 240, 245];
    3 SUN "sun" "mặt trời" Stuff true part None, colours [], sizes [], states [], rgb [255, 205, 60];
    4 MOON "moon" "mặt trăng" Stuff true part None, colours [], sizes [], states [], rgb [214, 214, 170];
    5 MOUNTAIN "mountain" "ngọn núi" Stuff true part None, colours [], sizes [Small Large], states [], rgb [128, 118, 140];
    6 GRASS "grass" "bãi cỏ" Stuff false part None, colours [], sizes [], states [], rgb [120, 180, 80];
    7 SAND "sand" "bãi cát" Stuff false part None, colours [], sizes [], states [], rgb [226, 202, 144];
    8 WATER "water" "mặt nước" Stuff false part None, colours [], sizes [], states [], rgb [64, 132, 200];
    9 ROAD "road" "con đường" Stuff false part None, colours [], sizes [], states [], rgb [96, 96, 102];
    10 SNOW "snow" "tuyết" Stuff false part None, colours [], sizes [], states [], rgb [222, 236, 250];
    11 TREE "tree" "cái cây" Thing true part None, colours [], sizes [Small Large Tall], states [], rgb [34, 110, 50];
    12 BUSH "bush" "bụi cây" Thing true part None, colours [], sizes [Small Large], states [], rgb [84, 140, 40];
    13 FLOWER "flower" "bông hoa" Thing true part None, colours [Red Orange Yellow Blue Purple Pink White], sizes [], states [], rgb [236, 90, 160];
    14 HOUSE "house" "ngôi nhà" Thing true part None, colours [Red Orange Yellow Green Blue Pink Brown White Grey], sizes [Small Large Tall], states [], rgb [205, 140, 100];
    15 ROOF "roof" "mái nhà" Thing true part Some(ClassId(14)), colours [Red Orange Green Blue Brown Black Grey], sizes [], states [], rgb [160, 50, 40];
    16 WINDOW "window" "cửa sổ" Thing true part Some(ClassId(14)), colours [], sizes [], states [], rgb [150, 215, 225];
    17 DOOR "door" "cửa ra vào" Thing true part Some(ClassId(14)), colours [Red Yellow Green Blue Brown Black White], sizes [], states [], rgb [110, 62, 30];
    18 FENCE "fence" "hàng rào" Thing true part None, colours [], sizes [], states [], rgb [180, 150, 110];
    19 BRIDGE "bridge" "cây cầu" Thing true part None, colours [], sizes [Small Large], states [], rgb [150, 130, 110];
    20 CAR "car" "ô tô" Thing true part None, colours [Red Orange Yellow Green Blue Purple Pink Black White Grey], sizes [Small Large], states [Parked Driving], rgb [220, 40, 50];
    21 BUS "bus" "xe buýt" Thing true part None, colours [Red Orange Yellow Green Blue White], sizes [], states [], rgb [240, 150, 30];
    22 BICYCLE "bicycle" "xe đạp" Thing true part None, colours [Red Yellow Green Blue Pink Black White], sizes [], states [], rgb [90, 60, 160];
    23 BOAT "boat" "chiếc thuyền" Thing true part None, colours [Red Yellow Green Blue Brown White], sizes [Small Large], states [], rgb [120, 70, 60];
    24 PERSON "person" "người" Thing true part None, colours [Red Orange Yellow Green Blue Purple Pink Brown Black White Grey], sizes [], states [Standing Sitting], rgb [250, 170, 130];
    25 SHEEP "sheep" "con cừu" Thing true part None, colours [White Black Brown Grey], sizes [Small Large], states [Eating Standing Lying], rgb [245, 235, 215];
    26 COW "cow" "con bò" Thing true part None, colours [Brown Black White], sizes [Small Large], states [Eating Standing Lying], rgb [140, 90, 60];
    27 HORSE "horse" "con ngựa" Thing true part None, colours [Brown Black White Grey], sizes [Small Large], states [Eating Standing Lying], rgb [100, 60, 20];
    28 DOG "dog" "con chó" Thing true part None, colours [Brown Black White Orange Grey], sizes [Small Large], states [Sitting Running], rgb [200, 160, 90];
    29 CAT "cat" "con mèo" Thing true part None, colours [Orange Black White Grey Brown], sizes [Small Large], states [Sitting Running], rgb [200, 120, 160];
    30 BIRD "bird" "con chim" Thing true part None, colours [Red Yellow Blue Black White Brown], sizes [Small Large], states [Flying Standing], rgb [60, 160, 170];
    31 BENCH "bench" "băng ghế" Thing true part None, colours [Red Green Blue Brown White], sizes [], states [], rgb [130, 100, 70];
}
