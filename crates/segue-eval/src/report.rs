//! What an evaluation found, as JSON and as a table.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::interval::Interval;

/// What was measured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Measures {
    /// By the names that [`evaluate`](crate::evaluate) states, each with its 95 % interval.
    pub intervals: BTreeMap<String, Interval>,
    /// Sliced Wasserstein distances to the true pictures, by the pictures' row.
    pub sliced_wasserstein: BTreeMap<String, f64>,
}

/// An evaluation with all that it depends on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The prompts.
    pub suite: String,
    /// How many.
    pub n_prompts: usize,
    /// Seed of the suite's scenes.
    pub seed: u64,
    /// Seeds that each prompt was drawn with.
    pub n_seeds: u32,
    /// Plans to choose from.
    pub n_plans: usize,
    /// Steps of the pictures, the headline first.
    pub steps: Vec<usize>,
    /// Scale of the guidance by text and map; 1 is none.
    pub guidance: f64,
    /// Hash of the weights.
    pub weights: Option<String>,
    /// The weights' variant.
    pub variant: Option<String>,
    /// The device.
    pub device: String,
    /// What was measured.
    pub measures: Measures,
}

impl Report {
    /// The lines of the headline that were measured: what, and its interval.
    pub fn headline(&self) -> Vec<(String, Interval)> {
        let steps = self.steps.first().copied().unwrap_or(0);
        let generated = format!("picture.generated_map.{steps}_steps");
        let mut lines = Vec::new();
        let intervals = &self.measures.intervals;
        let mut line = |what: &str, name: &str| {
            if let Some(&interval) = intervals.get(name) {
                lines.push((what.to_owned(), interval));
            }
        };
        line("judge B on renders: mean IoU", "judge.on_renders.mean_iou");
        line(
            "judge B on renders: clauses right",
            "judge.on_renders.score",
        );
        line(
            "judge B on round-trips: mean IoU",
            "judge.on_round_trips.mean_iou",
        );
        line("autoencoder: PSNR in dB", "autoencoder.psnr");
        line("plan: class F1", "plan.constrained.class_f1");
        line("plan: exact counts", "plan.constrained.counts");
        line("plan: attributes", "plan.constrained.attributes");
        line("plan: relations", "plan.constrained.relations");
        line("plan, free decoding: exact counts", "plan.free.counts");
        line(
            "plan, free decoding, another prompt: exact counts",
            "plan.free_of_another_prompt.counts",
        );
        line("map: planned objects visible", "map.visible");
        for measure in [
            "score",
            "existence",
            "counts",
            "attributes",
            "relations",
            "parts",
            "mean_iou",
            "mean_iou_of_another_map",
            "fd_judge",
        ] {
            let what = format!("picture, {steps} steps: {}", measure.replace('_', " "));
            line(&what, &format!("{generated}.{measure}"));
        }
        line(
            "real pictures, halves: fd judge",
            "judge.on_renders.fd_judge_of_halves",
        );
        lines
    }

    /// The share of the judge's mean IoU on renders that pictures reach; `None` where either was not
    /// measured.
    pub fn share_of_ceiling(&self) -> Option<f64> {
        let steps = self.steps.first()?;
        let name = format!("picture.generated_map.{steps}_steps.mean_iou");
        let drawn = self.measures.intervals.get(&name)?;
        let ceiling = self.measures.intervals.get("judge.on_renders.mean_iou")?;
        Some(drawn.mean / ceiling.mean)
    }

    /// The report in Markdown: the headline, then everything.
    pub fn table(&self) -> String {
        let variant = self
            .variant
            .as_deref()
            .map_or(String::new(), |name| format!(", variant `{name}`"));
        let mut text = format!(
            "# Suite `{}`: {} prompts\n\nWeights `{}`{variant}, judge B, {} plans, {} seed(s) a \
             prompt and none chosen,\nguidance {}, device {}. In brackets 95 % bootstrap intervals \
             over prompts.\n\n",
            self.suite,
            self.n_prompts,
            self.weights.as_deref().unwrap_or("of no bundle"),
            self.n_plans,
            self.n_seeds,
            self.guidance,
            self.device,
        );
        text.push_str("| headline | | |\n|---|--:|---|\n");
        for (what, interval) in self.headline() {
            row(&mut text, &what, &interval);
        }
        if let Some(share) = self.share_of_ceiling() {
            let what = "picture: mean IoU as a share of the judge's on renders";
            writeln!(text, "| {what} | {share:.3} | |").expect("a String takes all");
        }
        text.push_str("\n| measure | | |\n|---|--:|---|\n");
        for (name, interval) in &self.measures.intervals {
            row(&mut text, &format!("`{name}`"), interval);
        }
        for (name, value) in &self.measures.sliced_wasserstein {
            let name = format!("`picture.{name}.sliced_wasserstein`");
            writeln!(text, "| {name} | {value:.2} | |").expect("a String takes all");
        }
        text
    }
}

fn row(text: &mut String, what: &str, interval: &Interval) {
    let Interval { mean, low, high, n } = interval;
    writeln!(
        text,
        "| {what} | {mean:.3} | [{low:.3}, {high:.3}], n = {n} |"
    )
    .expect("a String takes all that is written");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let interval = |mean| Interval {
            mean,
            low: mean - 0.1,
            high: mean + 0.1,
            n: 3,
        };
        let intervals = [
            ("judge.on_renders.mean_iou", 0.8),
            ("picture.generated_map.8_steps.mean_iou", 0.6),
        ];
        Report {
            suite: "test".to_owned(),
            n_prompts: 3,
            seed: 0,
            n_seeds: 1,
            n_plans: 8,
            steps: vec![8, 4],
            guidance: 1.0,
            weights: None,
            variant: None,
            device: "cpu".to_owned(),
            measures: Measures {
                intervals: intervals
                    .into_iter()
                    .map(|(name, mean)| (name.to_owned(), interval(mean)))
                    .collect(),
                sliced_wasserstein: BTreeMap::new(),
            },
        }
    }

    #[test]
    fn the_headline_names_what_was_measured_and_nothing_else() {
        let lines = report().headline();
        let names: Vec<&str> = lines.iter().map(|(what, _)| what.as_str()).collect();
        assert_eq!(
            names,
            ["judge B on renders: mean IoU", "picture, 8 steps: mean iou"]
        );
        assert!((report().share_of_ceiling().unwrap() - 0.75).abs() < 1e-12);
    }

    #[test]
    fn the_table_states_intervals_and_what_they_depend_on() {
        let table = report().table();
        for part in [
            "3 prompts",
            "0.600 | [0.500, 0.700], n = 3",
            "8 plans",
            "cpu",
        ] {
            assert!(table.contains(part), "`{part}` is not in:\n{table}");
        }
    }
}
