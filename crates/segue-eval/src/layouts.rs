//! How like true layouts planned ones are: Frechet distances of what is in them and where.

use std::collections::BTreeMap;

use segue_scene::plan::Plan;

use crate::frechet::Gaussian;
use crate::interval::Interval;

/// Resamples of a distance's interval.
const RESAMPLES: usize = 80;
/// Objects of a class that both sides must have for its boxes to be compared.
const LEAST_OBJECTS: usize = 20;
/// Classes that are counted: as many as a palette can have.
const N_CLASSES: usize = 64;

/// True plans with the plans that were drawn for their captions.
#[derive(Debug, Default)]
pub struct Layouts {
    truth: Vec<Layout>,
    free: Vec<Layout>,
    ruled: Vec<Layout>,
}

/// What is where in one plan.
#[derive(Debug, Clone)]
struct Layout {
    /// Objects of each class.
    counts: Vec<f32>,
    /// Class, then centre, width and height of each object.
    boxes: Vec<(u8, [f32; 4])>,
}

impl Layout {
    fn of(plan: &Plan) -> Self {
        let mut counts = vec![0.0; N_CLASSES];
        let mut boxes = Vec::with_capacity(plan.objects.len());
        for object in &plan.objects {
            counts[usize::from(object.class.0) % N_CLASSES] += 1.0;
            let (x, y) = object.bbox.centre();
            let place = [x, y, object.bbox.width(), object.bbox.height()];
            boxes.push((object.class.0, place));
        }
        Self { counts, boxes }
    }
}

impl Layouts {
    /// Adds a scene's plan, the plan that the planner freely drew for its caption, and the rules'.
    pub fn add(&mut self, truth: &Plan, free: &Plan, ruled: &Plan) {
        self.truth.push(Layout::of(truth));
        self.free.push(Layout::of(free));
        self.ruled.push(Layout::of(ruled));
    }

    /// Frechet distances to the true plans, of class counts and of boxes, of the planner's free
    /// plans and of the rules'; nothing of fewer than two.
    pub fn intervals(&self, seed: u64) -> BTreeMap<String, Interval> {
        if self.truth.len() < 2 {
            return BTreeMap::new();
        }
        let rows = [("free", &self.free), ("rules", &self.ruled)];
        let measures: [(&str, Distance); 2] = [
            ("frechet_of_counts", counts_distance),
            ("frechet_of_boxes", boxes_distance),
        ];
        let mut intervals = BTreeMap::new();
        for (row, layouts) in rows {
            for (measure, distance) in measures {
                let n = self.truth.len();
                let interval = Interval::of_distance(n, RESAMPLES, seed, |drawn| {
                    let pick = |of: &'_ [Layout]| -> Vec<Layout> {
                        drawn.iter().map(|&index| of[index].clone()).collect()
                    };
                    distance(&pick(&self.truth), &pick(layouts))
                });
                intervals.insert(format!("plan.{row}.{measure}"), interval);
            }
        }
        intervals
    }
}

type Distance = fn(&[Layout], &[Layout]) -> f64;

fn counts_distance(one: &[Layout], other: &[Layout]) -> f64 {
    let fit = |layouts: &[Layout]| {
        let counts: Vec<&[f32]> = layouts.iter().map(|l| l.counts.as_slice()).collect();
        Gaussian::fit(&counts)
    };
    fit(one).distance(&fit(other))
}

/// The mean over classes that both sides have often enough.
fn boxes_distance(one: &[Layout], other: &[Layout]) -> f64 {
    let by_class = |layouts: &[Layout]| {
        let mut boxes: BTreeMap<u8, Vec<[f32; 4]>> = BTreeMap::new();
        for &(class, place) in layouts.iter().flat_map(|layout| &layout.boxes) {
            boxes.entry(class).or_default().push(place);
        }
        boxes
    };
    let (one, other) = (by_class(one), by_class(other));
    let distances: Vec<f64> = one
        .iter()
        .filter_map(|(class, boxes)| Some((boxes, other.get(class)?)))
        .filter(|(a, b)| a.len().min(b.len()) >= LEAST_OBJECTS)
        .map(|(a, b)| Gaussian::fit(a).distance(&Gaussian::fit(b)))
        .collect();
    distances.iter().sum::<f64>() / distances.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use segue_scene::sampler::Sampler;
    use segue_scene::scene::Split;

    use super::*;

    fn plans(seed: u64) -> Vec<Plan> {
        let sampler = Sampler::new(Split::Test, seed);
        (0..120).map(|i| sampler.scene(i).plan).collect()
    }

    #[test]
    fn the_true_plans_themselves_are_nearest() {
        let mut layouts = Layouts::default();
        for (truth, mut other) in plans(1).into_iter().zip(plans(2)) {
            other.objects.truncate(2);
            layouts.add(&truth, &truth, &other);
        }
        let intervals = layouts.intervals(0);
        for measure in ["frechet_of_counts", "frechet_of_boxes"] {
            let [same, cut] =
                ["free", "rules"].map(|row| intervals[&format!("plan.{row}.{measure}")].mean);
            assert!(same.abs() < 1e-6, "{measure} {same}");
            assert!(cut > same, "{measure} {cut}");
        }
    }
}
