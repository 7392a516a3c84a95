//! Gradients averaged over workers that learn together, each on a device of its own.
//!
//! They meet in the program's memory: any device can take part, at the cost of one read-back and one
//! upload a step. No worker waits for one that has ended.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::stage::StageError;

/// One worker's place among those that learn together. A place that is given up ends the others'
/// waiting.
#[derive(Debug)]
pub struct Peer {
    rank: usize,
    meeting: Arc<Meeting>,
}

/// Where the workers meet.
#[derive(Debug)]
struct Meeting {
    round: Mutex<Round>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Round {
    number: u64,
    /// What each worker has brought to this round.
    brought: Vec<Option<Vec<f32>>>,
    /// The mean of the last round.
    mean: Arc<Vec<f32>>,
    /// The first worker that has ended, and why.
    ended: Option<(usize, String)>,
}

impl Peer {
    /// Places for so many workers.
    pub fn places(n_workers: usize) -> Vec<Arc<Self>> {
        let meeting = Arc::new(Meeting {
            round: Mutex::new(Round {
                brought: vec![None; n_workers],
                ..Round::default()
            }),
            changed: Condvar::new(),
        });
        let place = |rank| {
            Arc::new(Self {
                rank,
                meeting: meeting.clone(),
            })
        };
        (0..n_workers).map(place).collect()
    }

    /// The worker's number, from 0.
    pub fn rank(&self) -> usize {
        self.rank
    }

    /// How many workers there are.
    pub fn n_workers(&self) -> usize {
        self.round().brought.len()
    }

    /// The mean over all workers of each of the numbers that they bring. The same bits for every
    /// worker: sums are taken in their order.
    ///
    /// # Errors
    /// [`StageError::Worker`] names a worker that has ended and will not come.
    ///
    /// # Panics
    /// If workers bring different amounts of numbers.
    pub fn mean(&self, values: Vec<f32>) -> Result<Arc<Vec<f32>>, StageError> {
        let mut round = self.round();
        let number = round.number;
        round.brought[self.rank] = Some(values);
        if round.brought.iter().all(Option::is_some) {
            round.close();
            self.meeting.changed.notify_all();
        }
        loop {
            if round.number > number {
                return Ok(round.mean.clone());
            }
            if let Some((rank, reason)) = &round.ended {
                return Err(StageError::Worker {
                    worker: *rank,
                    reason: reason.clone(),
                });
            }
            round = self
                .meeting
                .changed
                .wait(round)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Says why this worker ends. What was said first counts.
    pub fn end(&self, reason: &str) {
        self.round()
            .ended
            .get_or_insert_with(|| (self.rank, reason.to_owned()));
        self.meeting.changed.notify_all();
    }

    /// A worker that panicked in here has left nothing half-done but its own numbers.
    fn round(&self) -> MutexGuard<'_, Round> {
        let round = self.meeting.round.lock();
        round.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.end("it has left");
    }
}

impl Round {
    fn close(&mut self) {
        let mut all = self.brought.iter_mut().filter_map(Option::take);
        let mut sum = all.next().unwrap_or_default();
        for values in all {
            assert_eq!(sum.len(), values.len(), "workers train unlike networks");
            sum.iter_mut().zip(values).for_each(|(sum, v)| *sum += v);
        }
        let n_workers = self.brought.len() as f32;
        sum.iter_mut().for_each(|sum| *sum /= n_workers);
        self.mean = Arc::new(sum);
        self.number += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn every_worker_gets_the_mean_in_every_round() {
        let workers = Peer::places(3).into_iter().map(|peer| {
            thread::spawn(move || {
                let rank = peer.rank() as f32;
                let rounds = [1.0, 10.0].map(|scale| peer.mean(vec![scale * rank, 6.0]).unwrap());
                rounds.map(|mean| mean.to_vec())
            })
        });
        let workers: Vec<_> = workers.collect();
        for worker in workers {
            assert_eq!(worker.join().unwrap(), [[1.0, 6.0], [10.0, 6.0]]);
        }
    }

    #[test]
    fn nobody_waits_for_a_worker_that_has_ended() {
        let mut peers = Peer::places(3);
        let failing = peers.remove(1);
        let waiting: Vec<_> = peers
            .into_iter()
            .map(|peer| thread::spawn(move || peer.mean(vec![0.0]).unwrap_err().to_string()))
            .collect();
        failing.end("out of memory");
        drop(failing);
        for worker in waiting {
            assert_eq!(worker.join().unwrap(), "worker 1 has ended: out of memory");
        }
    }
}
