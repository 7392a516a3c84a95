//! A stage that several devices train together: each learns from its share of every batch, with
//! gradients averaged over all. The loop of [`stage`](crate::stage) sees one stage.

use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use burn::tensor::Device;

use crate::metrics::Measure;
use crate::peers::Peer;
use crate::stage::{Parts, Prepare, Stage, StageError, Validation};

/// Why a worker ends that does not say it; its words have been printed.
const PANICKED: &str = "it panicked";

/// One stage on every device. The first is the leader: it validates and is saved; all weights are its.
///
/// A loss that is a mean over the images of a batch, as the denoiser's is, has the gradient that it has
/// on one device. One that is a mean over what the images hold (pixels of a class, objects, words)
/// becomes the mean of the workers' means.
pub struct Team<S: Stage> {
    leader: S,
    followers: Vec<Follower<S>>,
}

/// A worker on a thread of its own.
struct Follower<S: Stage> {
    rank: usize,
    orders: Sender<Order<S>>,
    /// What it measured, or that it has done as it was told.
    answers: Receiver<Result<Vec<Measure>, StageError>>,
}

enum Order<S: Stage> {
    Restore(Arc<Parts>),
    Learn {
        batch: Vec<S::Sample>,
        images_seen: u64,
    },
}

/// Lets the stage and its likes on the `other` devices do something together.
///
/// # Errors
/// What `work` returns; [`StageError::Worker`] names a worker that failed.
pub fn together<S: Stage, T, E: Display>(
    mut leader: S,
    others: &[Device],
    build: impl Fn(&Device) -> Result<S, E> + Sync,
    work: impl FnOnce(Team<S>) -> Result<T, StageError>,
) -> Result<T, StageError> {
    let state = leader.save()?;
    let mut places = Peer::places(1 + others.len()).into_iter();
    if let Some(peer) = places.next() {
        leader.join(peer);
    }
    let build = &build;
    thread::scope(|scope| {
        let followers = places.zip(others).map(|(peer, device)| {
            let (orders, received) = channel();
            let (sender, answers) = channel();
            let rank = peer.rank();
            scope.spawn(move || {
                let life = || follow(&peer, || build(device), &received, &sender);
                if catch_unwind(AssertUnwindSafe(life)).is_err() {
                    peer.end(PANICKED);
                }
            });
            Follower {
                rank,
                orders,
                answers,
            }
        });
        let team = Team {
            leader,
            followers: followers.collect(),
        };
        team.restore_followers(state)?;
        work(team)
    })
}

/// A follower's life: it does as it is told until nobody tells it anything, or it fails.
fn follow<S: Stage, E: Display>(
    peer: &Arc<Peer>,
    build: impl FnOnce() -> Result<S, E>,
    orders: &Receiver<Order<S>>,
    answers: &Sender<Result<Vec<Measure>, StageError>>,
) {
    let failed = |reason: String| {
        peer.end(&reason);
        let worker = peer.rank();
        // A leader that has ended itself does not listen.
        let _ = answers.send(Err(StageError::Worker { worker, reason }));
    };
    let mut stage = match build() {
        Ok(stage) => stage,
        Err(error) => return failed(error.to_string()),
    };
    stage.join(peer.clone());
    for order in orders {
        let done = match order {
            Order::Restore(parts) => match stage.restore(Parts::clone(&parts)) {
                Ok(restored) => {
                    stage = restored;
                    Ok(Vec::new())
                }
                Err(error) => return failed(error.to_string()),
            },
            Order::Learn { batch, images_seen } => stage.learn(batch, images_seen),
        };
        match done {
            Ok(measures) => {
                if answers.send(Ok(measures)).is_err() {
                    return;
                }
            }
            Err(error) => return failed(error.to_string()),
        }
    }
}

impl<S: Stage> Follower<S> {
    fn order(&self, order: Order<S>) -> Result<(), StageError> {
        // A follower that has failed listens no more, and has said why.
        self.orders.send(order).or_else(|_| self.answer().map(drop))
    }

    fn answer(&self) -> Result<Vec<Measure>, StageError> {
        self.answers.recv().unwrap_or_else(|_| {
            Err(StageError::Worker {
                worker: self.rank,
                reason: PANICKED.to_owned(),
            })
        })
    }
}

impl<S: Stage> Team<S> {
    fn restore_followers(&self, parts: Parts) -> Result<(), StageError> {
        let parts = Arc::new(parts);
        for follower in &self.followers {
            follower.order(Order::Restore(parts.clone()))?;
        }
        self.followers
            .iter()
            .try_for_each(|follower| follower.answer().map(drop))
    }
}

impl<S: Stage> Stage for Team<S> {
    type Sample = S::Sample;

    fn name(&self) -> &'static str {
        self.leader.name()
    }

    fn prepare(&self) -> Prepare<Self::Sample> {
        self.leader.prepare()
    }

    fn n_workers(&self) -> usize {
        1 + self.followers.len()
    }

    fn join(&mut self, peer: Arc<Peer>) {
        self.leader.join(peer);
    }

    /// The measures are means over the workers.
    ///
    /// # Panics
    /// If the batch cannot be shared evenly.
    fn learn(
        &mut self,
        mut batch: Vec<Self::Sample>,
        images_seen: u64,
    ) -> Result<Vec<Measure>, StageError> {
        let n_workers = self.n_workers();
        assert!(
            batch.len().is_multiple_of(n_workers),
            "workers have shares alike"
        );
        let share = batch.len() / n_workers;
        for follower in self.followers.iter().rev() {
            let start = follower.rank * share;
            follower.order(Order::Learn {
                batch: batch.split_off(start),
                images_seen: images_seen + start as u64,
            })?;
        }
        let mut measures = self.leader.learn(batch, images_seen)?;
        for follower in &self.followers {
            let theirs = follower.answer()?;
            for ((_, sum), (_, value)) in measures.iter_mut().zip(theirs) {
                *sum += value;
            }
        }
        for (_, sum) in &mut measures {
            *sum /= n_workers as f64;
        }
        Ok(measures)
    }

    fn validate(&mut self) -> Validation {
        self.leader.validate()
    }

    fn picture(&mut self) -> Option<Vec<u8>> {
        self.leader.picture()
    }

    fn flop_per_image(&self) -> f64 {
        self.leader.flop_per_image()
    }

    fn save(&self) -> Result<Parts, StageError> {
        self.leader.save()
    }

    fn restore(self, parts: Parts) -> Result<Self, StageError> {
        self.restore_followers(parts.clone())?;
        Ok(Self {
            leader: self.leader.restore(parts)?,
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    /// A stage that hears the mean of what its workers are given.
    struct Choir {
        peer: Option<Arc<Peer>>,
        trouble: Trouble,
        heard: f32,
    }

    /// What befalls worker 1 after eight images.
    #[derive(Clone, Copy)]
    enum Trouble {
        None,
        Failure,
        Panic,
    }

    impl Choir {
        fn new(trouble: Trouble) -> Self {
            Self {
                peer: None,
                trouble,
                heard: 0.0,
            }
        }
    }

    impl Stage for Choir {
        type Sample = u64;
        fn name(&self) -> &'static str {
            "choir"
        }
        fn prepare(&self) -> Prepare<u64> {
            Arc::new(|i| i)
        }
        fn join(&mut self, peer: Arc<Peer>) {
            self.peer = Some(peer);
        }
        fn learn(&mut self, batch: Vec<u64>, images_seen: u64) -> Result<Vec<Measure>, StageError> {
            assert_eq!(batch[0], images_seen);
            let peer = self.peer.as_ref().unwrap();
            if peer.rank() == 1 && images_seen >= 8 {
                match self.trouble {
                    Trouble::None => {}
                    Trouble::Failure => {
                        return Err(StageError::State {
                            part: "voice".to_owned(),
                            reason: "hoarse".to_owned(),
                        });
                    }
                    Trouble::Panic => panic!("on purpose"),
                }
            }
            let sum = batch.iter().sum::<u64>() as f32;
            self.heard += peer.mean(vec![sum])?[0];
            Ok(vec![("loss", f64::from(sum))])
        }
        fn validate(&mut self) -> Validation {
            Validation {
                score: f64::from(self.heard),
                measures: Vec::new(),
            }
        }
        fn picture(&mut self) -> Option<Vec<u8>> {
            None
        }
        fn flop_per_image(&self) -> f64 {
            1.0
        }
        fn save(&self) -> Result<Parts, StageError> {
            let heard = self.heard.to_le_bytes().to_vec();
            Ok(Parts::from([("heard".to_owned(), heard)]))
        }
        fn restore(self, parts: Parts) -> Result<Self, StageError> {
            let heard = parts["heard"].clone().try_into().unwrap();
            Ok(Self {
                heard: f32::from_le_bytes(heard),
                ..self
            })
        }
    }

    /// Three batches of six images for three workers: the losses, and what the leader has heard.
    fn sing(trouble: Trouble) -> Result<(Vec<f64>, f64), StageError> {
        let others = vec![Device::flex(); 2];
        let build = |_: &Device| Ok::<_, Infallible>(Choir::new(trouble));
        together(Choir::new(trouble), &others, build, |mut team| {
            let losses = (0..3)
                .map(|step| Ok(team.learn((6 * step..6 * step + 6).collect(), 6 * step)?[0].1))
                .collect::<Result<_, StageError>>()?;
            Ok((losses, team.validate().score))
        })
    }

    #[test]
    fn workers_share_a_batch_in_order_and_measures_are_means() {
        let (losses, heard) = sing(Trouble::None).unwrap();
        assert_eq!(losses, [5.0, 17.0, 29.0]);
        assert_eq!(heard, 51.0);
    }

    #[test]
    fn a_worker_that_fails_ends_all_and_is_named() {
        let error = sing(Trouble::Failure).unwrap_err().to_string();
        let expected = "worker 1 has ended: the state of `voice` cannot be used: hoarse";
        assert_eq!(error, expected);
    }

    #[test]
    fn a_worker_that_panics_ends_all_and_is_named() {
        let error = sing(Trouble::Panic).unwrap_err().to_string();
        assert_eq!(error, "worker 1 has ended: it panicked");
    }

    #[test]
    fn a_worker_that_cannot_begin_ends_all_and_is_named() {
        let build = |_: &Device| Err::<Choir, _>("no memory");
        let leader = Choir::new(Trouble::None);
        let error = together(leader, &[Device::flex()], build, |_| Ok(())).unwrap_err();
        assert_eq!(error.to_string(), "worker 1 has ended: no memory");
    }
}
