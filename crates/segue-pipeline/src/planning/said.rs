//! What the planner has read of numbers, weighed in while it draws.
//!
//! Rows come by class, so that the next one is the answer to a row of questions: another of this class?
//! if not, one of the next? and so on. Of classes that the text speaks of the numbers read answer, and the
//! planner the less, the surer they are: a planner that never saw five sheep, but six, would draw a sixth
//! whatever is read. Of all others it answers alone, and of parts: what a text says of one house's roof says
//! nothing of the next one's.

use burn::tensor::ExecutionError;
use segue_model::counts::SaidCounts;
use segue_scene::palette::Palette;

/// The least factor that a reading may be worth, as a logarithm: no reading is certain.
const LEAST: f64 = -30.0;

/// Numbers of things of each class.
#[derive(Debug, Clone)]
pub(super) struct Said {
    /// For each class that is no part of another, how many of it the text speaks of, if it does.
    counts: Vec<Option<Count>>,
    /// For each class, whether it is a part of another.
    is_part: Vec<bool>,
}

#[derive(Debug, Clone, Copy)]
struct Count {
    number: f64,
    sharpness: f64,
    /// How sure the number is: the probability of the likeliest, 0 to 1.
    sureness: f64,
}

impl Count {
    fn new(number: f64, sharpness: f64) -> Self {
        let more_than = |n| log_of_more(number, sharpness, n);
        let likeliest = libm::round(number) as usize;
        let at_least = likeliest.checked_sub(1).map_or(0.0, more_than);
        Self {
            number,
            sharpness,
            sureness: libm::exp(at_least) - libm::exp(more_than(likeliest)),
        }
    }

    fn more_than(self, n: usize) -> f64 {
        log_of_more(self.number, self.sharpness, n)
    }

    /// Given that there are at least `n`: by how much more are likelier than no more, as a logarithm.
    fn more_given(self, n: usize) -> f64 {
        let before = n.checked_sub(1).map_or(0.0, |n| self.more_than(n));
        let more = self.more_than(n) - before;
        more.max(LEAST) - libm::log(-libm::expm1(more)).max(LEAST)
    }
}

impl Said {
    /// Of the first text of a batch.
    pub(super) async fn read(
        counts: SaidCounts,
        palette: &Palette,
    ) -> Result<Self, ExecutionError> {
        let number = counts.number.into_data_async().await?;
        let sharpness = counts.sharpness.into_data_async().await?;
        let said = number.iter::<f64>().zip(sharpness.iter::<f64>());
        Ok(Self::new(said, palette))
    }

    fn new(said: impl Iterator<Item = (f64, f64)>, palette: &Palette) -> Self {
        let is_part = palette.classes.iter().map(|class| class.part_of.is_some());
        let is_part: Vec<bool> = is_part.collect();
        let counts = said.zip(&is_part).map(|((number, sharpness), is_part)| {
            let is_spoken_of = number > 0.5 && !is_part;
            is_spoken_of.then(|| Count::new(number, sharpness))
        });
        Self {
            counts: counts.collect(),
            is_part,
        }
    }

    /// The logits of the next row's class, the stop last, with what the numbers read say of it. `drawn`
    /// are the classes of the rows so far, `whole` that of the last row that is no part.
    pub(super) fn answer(&self, logits: &mut [f32], drawn: &[usize], whole: usize) {
        let asked = (whole..logits.len()).filter(|class| self.is_part.get(*class) != Some(&true));
        let asked: Vec<usize> = asked.collect();
        // What the planner leaves, as a logarithm, for a class and all that come after it.
        let mut left = vec![f64::NEG_INFINITY; asked.len() + 1];
        for (index, &class) in asked.iter().enumerate().rev() {
            left[index] = log_of_sum(f64::from(logits[class]), left[index + 1]);
        }
        let mut reached = left[0];
        for (index, &class) in asked.iter().enumerate() {
            let mut odds = f64::from(logits[class]) - left[index + 1];
            if let Some(count) = self.counts.get(class).copied().flatten() {
                let n = drawn.iter().filter(|&&other| other == class).count();
                odds = count.more_given(n) + (1.0 - count.sureness) * odds;
            }
            logits[class] = (reached + log_sigmoid(odds)) as f32;
            reached += log_sigmoid(-odds);
        }
    }
}

/// Logarithm of the probability of more than `n` where a number was read.
fn log_of_more(number: f64, sharpness: f64, n: usize) -> f64 {
    log_sigmoid((number - n as f64 - 0.5) * sharpness)
}

fn log_sigmoid(logit: f64) -> f64 {
    logit.min(0.0) - libm::log1p(libm::exp(-logit.abs()))
}

/// Of two numbers given as logarithms.
fn log_of_sum(a: f64, b: f64) -> f64 {
    let (more, less) = if a < b { (b, a) } else { (a, b) };
    more + libm::log1p(libm::exp(less - more))
}

#[cfg(test)]
mod tests {
    use segue_scene::palette::class;

    use super::*;

    /// Three sheep and a house with one window, which are said exactly.
    fn said() -> Said {
        said_with(20.0)
    }

    fn said_with(sharpness: f64) -> Said {
        let palette = Palette::scene();
        let asked = [
            (class::SHEEP, 3.0),
            (class::HOUSE, 1.0),
            (class::WINDOW, 1.0),
        ];
        let number = |id: usize| {
            let asked = asked.iter().find(|(class, _)| usize::from(class.0) == id);
            asked.map_or(0.0, |(_, number)| *number)
        };
        Said::new(
            (0..palette.len()).map(|id| (number(id), sharpness)),
            palette,
        )
    }

    /// Classes that may come after some were drawn, of a planner that holds all alike.
    fn likely(drawn: &[u8], whole: u8) -> Vec<usize> {
        let stop = Palette::scene().len();
        let drawn: Vec<usize> = drawn.iter().map(|class| usize::from(*class)).collect();
        let mut logits = vec![0.0; stop + 1];
        said().answer(&mut logits, &drawn, usize::from(whole));
        let all: f32 = logits.iter().map(|logit| logit.exp()).sum();
        let likely = logits
            .iter()
            .enumerate()
            .filter(|(_, logit)| logit.exp() / all > 0.01);
        likely.map(|(class, _)| class).collect()
    }

    #[test]
    fn a_class_comes_as_often_as_it_is_said() {
        let [house, sheep, dog] = [class::HOUSE, class::SHEEP, class::DOG].map(|class| class.0);
        let [as_house, as_sheep, as_dog] = [house, sheep, dog].map(usize::from);
        let windows = [class::WINDOW.0; 2];
        let begun = likely(&[], 0);
        assert!(
            begun.contains(&as_house) && !begun.contains(&as_sheep),
            "{begun:?}"
        );
        let two = [&[house], &windows[..], &[sheep; 2]].concat();
        assert!(likely(&two, sheep).contains(&as_sheep));
        assert!(!likely(&two, sheep).contains(&as_dog));
        let three = [&two[..], &[sheep]].concat();
        assert!(!likely(&three, sheep).contains(&as_sheep));
        assert!(likely(&three, sheep).contains(&as_dog));
    }

    #[test]
    fn a_plan_ends_when_all_that_is_said_is_there() {
        let stop = Palette::scene().len();
        let [house, sheep] = [class::HOUSE, class::SHEEP].map(|class| class.0);
        assert!(!likely(&[house, sheep, sheep], sheep).contains(&stop));
        assert!(likely(&[house, sheep, sheep, sheep], sheep).contains(&stop));
    }

    #[test]
    fn parts_are_left_to_the_planner_and_do_not_end_their_wholes() {
        let [house, window] = [class::HOUSE, class::WINDOW].map(|class| class.0);
        assert!(likely(&[house], house).contains(&usize::from(window)));
        assert!(likely(&[house, window], house).contains(&usize::from(window)));
    }

    #[test]
    fn a_planner_that_is_sure_of_another_number_is_not_asked() {
        let sheep = usize::from(class::SHEEP.0);
        let mut logits = vec![0.0; Palette::scene().len() + 1];
        logits[sheep] = 12.0;
        said().answer(&mut logits, &[sheep; 3], sheep);
        let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        assert!(logits[sheep] < most - 5.0);
    }

    #[test]
    fn a_number_that_is_hardly_known_does_not_outvote_the_planner() {
        let sheep = usize::from(class::SHEEP.0);
        let stop = Palette::scene().len();
        let mut logits = vec![-30.0; stop + 1];
        (logits[sheep], logits[stop]) = (0.0, 6.0);
        said_with(0.3).answer(&mut logits, &[sheep; 4], sheep);
        assert!(logits[stop] > logits[sheep] + 3.0);
    }

    #[test]
    fn what_is_not_spoken_of_is_left_to_the_planner() {
        let [grass, water] = [class::GRASS, class::WATER].map(|class| usize::from(class.0));
        let mut logits = vec![0.0; Palette::scene().len() + 1];
        (logits[grass], logits[water]) = (2.0, 1.0);
        let before = logits.clone();
        said().answer(&mut logits, &[], 0);
        assert!((logits[grass] - before[grass]).abs() < 1e-5);
        assert!((logits[water] - before[water]).abs() < 1e-5);
    }

    #[test]
    fn what_is_no_number_stays_none() {
        let mut logits = vec![0.0; Palette::scene().len() + 1];
        logits[usize::from(class::DOG.0)] = f32::NAN;
        said().answer(&mut logits, &[], 0);
        assert!(logits.iter().any(|logit| logit.is_nan()));
    }
}
