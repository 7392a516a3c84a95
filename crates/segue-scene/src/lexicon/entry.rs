//! What a lexicon entry can mean.

/// How exactly a noun names its class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fit {
    /// Another name of the class: "automobile" for car.
    Same,
    /// A kind of it, or a wider word that means it in this world: "taxi" for car, "lake" for water.
    Narrower,
}

/// A value with all the phrases that say it, the preferred one first.
#[derive(Debug, Clone, Copy)]
pub struct Words<T: 'static> {
    /// What the phrases mean.
    pub value: T,
    /// The phrases, lower case, NFC, words separated by one space.
    pub phrases: &'static [&'static str],
}

/// The work of a word that names nothing of the world itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Function {
    /// `a`, `an`: one, not exact. (Vietnamese *một* is a number word and an article.)
    Indefinite,
    /// `the`, `this`, `that`: refers back where it can.
    Definite,
    /// Vietnamese `đó`, `này`, after the noun.
    Demonstrative,
    /// `another`, `a second`: one more than there was.
    Another,
    /// `some`, `several`; `những`, `các`: two or more.
    Several,
    /// `a herd of`, `a row of`: two or more, unless a number says otherwise.
    Group,
    /// `exactly`, `only`, `just`: the number is meant exactly.
    Exactly,
    /// `at least`: the number is a lower bound.
    AtLeast,
    /// `more than`: the number plus one is a lower bound.
    MoreThan,
    /// Bounds that no clause can express: `at most`, `fewer than`, `about`, `or more`.
    OtherBound,
    /// `no`, `zero`: none of it.
    No,
    /// `not`: denies what follows.
    Not,
    /// `without`: none of it, said of what stands before.
    Without,
    /// `with`, `including`.
    With,
    /// `has`, `have`, `having`, `contains`; Vietnamese `có`.
    Have,
    /// `there is`, `there are`, `we see`: says that something is there.
    ThereIs,
    /// `is`, `are`: links a subject to what is said of it.
    Copula,
    /// `are`, `were`: a copula whose subject is plural.
    CopulaPlural,
    /// `of`, `belonging to`; Vietnamese `của`.
    Of,
    /// English `'s`.
    Possessive,
    /// `and`, `as well as`, `plus`.
    And,
    /// `or`, which no clause can express.
    Or,
    /// `but`, `while`, `whereas`: begins another clause.
    But,
    /// `that`, `which`, `who`; Vietnamese `mà`.
    Relative,
    /// `whose`.
    Whose,
    /// `its`, `their`: of what was spoken of.
    Its,
    /// `it`, `him`, `her`; Vietnamese `nó`.
    It,
    /// `they`, `them`; Vietnamese `chúng`.
    They,
    /// `each other`, `one another`, `side by side`; Vietnamese `nhau`.
    EachOther,
    /// `one` where no noun follows, and the `one` of `a red one`.
    One,
    /// `the other`, `the second one`; Vietnamese `kia`: the rest of a group.
    Other,
    /// `both`; `cả hai`.
    Both,
    /// `all`, `all of them`; `tất cả`.
    All,
    /// `each`, `every`; `mỗi`.
    Each,
    /// `of them`, `of which`, `among them`; `trong số đó`.
    OfThem,
    /// `wearing`, `dressed in`; `mặc`.
    Wearing,
    /// `coat`, `shirt`; `áo`: what a person's colour is said of.
    Clothes,
    /// Vietnamese `màu`: a colour word follows.
    ColourMark,
    /// `lined with`: what follows stands along what stands before.
    LinedWith,
    /// Verbs of mere being there: `stands`, `located`, `growing`; Vietnamese `ở`, `nằm` of things.
    Located,
    /// Praise, frames and small words that ask nothing: `beautiful`, `a photo of`, `very`.
    Filler,
    /// Words of the world with two meanings that nothing tells apart: `xanh` (blue or green).
    Ambiguous,
    /// `the same number of`: as many as of what was spoken of last.
    AsMany,
    /// `the number of`, `that of`: compares numbers, which no clause can express.
    NumberOf,
    /// Relation words that no relation of the world expresses: `around`, `opposite`, `on the left`.
    OtherRelation,
}
