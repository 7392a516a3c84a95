//! What storing weights in 8 bits costs: pictures and verdicts with the weights as they were trained,
//! and as they are stored.

use core::ops::ControlFlow;

use segue_pipeline::drawing::DrawOptions;
use segue_pipeline::segue::{Generation, Request, Segue, SegueError};

use crate::evaluate::{EvaluateError, psnr};
use crate::interval::Interval;
use crate::suite::Item;

/// What was measured. The intervals are over prompts.
#[derive(Debug, Clone, PartialEq)]
pub struct StoringCost {
    /// Of pictures of the same plan, map and noise, in dB.
    pub psnr: Interval,
    /// The verdict's score with the weights as they were trained.
    pub trained: Interval,
    /// The verdict's score with the weights as they are stored, planner and judge included.
    pub stored: Interval,
    /// How much the score falls, prompt by prompt.
    pub fall: Interval,
}

/// Draws each prompt with both. `on_prompt` hears how many are done and may stop by breaking.
///
/// # Errors
/// [`EvaluateError`]: weights that are missing, a device that fails, or the owner's wish to stop.
///
/// # Panics
/// If no prompt asks for anything.
pub async fn storing_cost(
    trained: &Segue,
    stored: &Segue,
    items: &[Item],
    n_steps: usize,
    mut on_prompt: impl FnMut(usize) -> ControlFlow<()>,
) -> Result<StoringCost, EvaluateError> {
    let draw = DrawOptions {
        n_steps,
        ..DrawOptions::default()
    };
    let (mut psnrs, mut scores) = (Vec::new(), Vec::new());
    for (seed, item) in (0..).zip(items) {
        let request = Request {
            draw,
            ..Request::new(&item.prompt, seed)
        };
        let before = generate(trained, &request).await?;
        let after = generate(stored, &request).await?;
        let mut drawing = stored.begin(&[&item.prompt], &[&before.mapped], &[seed], &draw)?;
        while !drawing.is_done() {
            drawing.advance();
        }
        let same = drawing.pictures().await.map_err(SegueError::from)?;
        psnrs.push(psnr(&before.picture, &same[0]));
        scores.extend(before.verdict.score.zip(after.verdict.score));
        if on_prompt(psnrs.len()).is_break() {
            let (done, all) = (psnrs.len(), items.len());
            return Err(EvaluateError::Stopped { done, all });
        }
    }
    let mean = |items: Vec<f64>| Interval::of_mean(&items, 0).expect("prompts ask for something");
    let of_scores = |f: fn(&(f64, f64)) -> f64| mean(scores.iter().map(f).collect());
    Ok(StoringCost {
        psnr: mean(psnrs),
        trained: of_scores(|(before, _)| *before),
        stored: of_scores(|(_, after)| *after),
        fall: of_scores(|(before, after)| before - after),
    })
}

async fn generate(segue: &Segue, request: &Request) -> Result<Generation, SegueError> {
    let on_event = async |_: segue_pipeline::segue::Event<'_>| ControlFlow::Continue(());
    segue.generate(request, || 0.0, on_event).await
}
