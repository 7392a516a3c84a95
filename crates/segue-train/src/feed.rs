//! Training samples, prepared by worker threads and delivered in order.
//!
//! Sample `i` is a pure function of `i`, so the order of delivery does not depend on the workers,
//! and a resumed run goes on with the very samples that come next.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// An endless ordered stream of prepared samples.
pub struct Feed<T: Send + 'static> {
    receiver: Option<Receiver<(u64, T)>>,
    early: BTreeMap<u64, T>,
    next: u64,
    stop: Arc<AtomicBool>,
    workers: Vec<JoinHandle<()>>,
}

impl<T: Send + 'static> Feed<T> {
    /// Starts `n_workers` threads that prepare samples `first`, `first + 1`, ... ahead of need;
    /// about `ahead` of them wait at any time.
    pub fn new(
        first: u64,
        n_workers: usize,
        ahead: usize,
        prepare: impl Fn(u64) -> T + Send + Sync + 'static,
    ) -> Self {
        let (sender, receiver) = sync_channel(ahead.max(1));
        let stop = Arc::new(AtomicBool::new(false));
        let counter = Arc::new(AtomicU64::new(first));
        let prepare = Arc::new(prepare);
        let workers = (0..n_workers.max(1))
            .map(|_| {
                let (sender, stop) = (sender.clone(), stop.clone());
                let (counter, prepare) = (counter.clone(), prepare.clone());
                std::thread::spawn(move || work(&sender, &stop, &counter, &*prepare))
            })
            .collect();
        Self {
            receiver: Some(receiver),
            early: BTreeMap::new(),
            next: first,
            stop,
            workers,
        }
    }

    /// The next `n` samples, in order.
    ///
    /// # Panics
    /// When a worker panicked: its message has been printed, and its sample cannot be skipped.
    pub fn take(&mut self, n: usize) -> Vec<T> {
        (0..n).map(|_| self.take_one()).collect()
    }

    fn take_one(&mut self) -> T {
        let receiver = self
            .receiver
            .as_ref()
            .expect("the receiver lives until drop");
        while !self.early.contains_key(&self.next) {
            match receiver.recv() {
                Ok((index, sample)) => self.early.insert(index, sample),
                Err(_) => panic!("every worker that prepares samples has ended"),
            };
            let dead = self.workers.iter().any(JoinHandle::is_finished);
            assert!(!dead, "a worker that prepares samples has panicked");
        }
        let sample = self
            .early
            .remove(&self.next)
            .expect("the loop ended because it is there");
        self.next += 1;
        sample
    }
}

fn work<T>(
    sender: &SyncSender<(u64, T)>,
    stop: &AtomicBool,
    counter: &AtomicU64,
    prepare: &(impl Fn(u64) -> T + ?Sized),
) {
    while !stop.load(Ordering::Relaxed) {
        let index = counter.fetch_add(1, Ordering::Relaxed);
        if sender.send((index, prepare(index))).is_err() {
            break;
        }
    }
}

impl<T: Send + 'static> Drop for Feed<T> {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // A closed channel wakes the workers that wait for room in it.
        self.receiver = None;
        for worker in self.workers.drain(..) {
            // A panic was printed when it happened; there is nobody left to tell.
            let _ = worker.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_come_in_order_whatever_the_workers_do() {
        let mut feed = Feed::new(5, 3, 4, |i| {
            if i % 3 == 0 {
                std::thread::sleep(std::time::Duration::from_millis(2));
            }
            i * 10
        });
        assert_eq!(feed.take(20), (5..25).map(|i| i * 10).collect::<Vec<_>>());
    }

    #[test]
    fn a_dropped_feed_ends_its_workers() {
        let feed = Feed::new(0, 2, 2, |i| i);
        drop(feed);
    }
}
