//! Doing together what many ask for at once: who comes while others are being served is served with the next batch.
//!
//! One transaction for fifty costs little more than one for one, and a hot row changes hands once for all of them.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::rc::Rc;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::base::error::{Result, UNAVAILABLE};

/// So many are served by one batch.
const BATCH: usize = 50;
/// So many may wait for one thing; the next are asked to come again.
const MOST: usize = 2_000;
/// Who has waited so long is not served any more: they may have gone.
const PATIENCE: Duration = Duration::from_secs(10);

/// The queues of one worker thread, one for each thing that is asked for.
pub struct Together<K, A, O>(Mutex<HashMap<K, VecDeque<Waiting<A, O>>>>);

struct Waiting<A, O> {
    ask: A,
    since: Instant,
    answer: oneshot::Sender<Result<O>>,
}

impl<K, A, O> Default for Together<K, A, O> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Copy + Eq + Hash + 'static, A: 'static, O: 'static> Together<K, A, O> {
    /// Asks for a thing, and waits for the outcome of the batch that this ask is served with.
    ///
    /// `serve` gives an outcome for each of its asks, in their order. 503 when too many wait, or for too long. The work
    /// goes on when the caller goes away.
    pub async fn ask(
        self: &Rc<Self>,
        thing: K,
        ask: A,
        serve: impl AsyncFn(Vec<A>) -> Vec<Result<O>> + 'static,
    ) -> Result<O> {
        let (answer, outcome) = oneshot::channel();
        if self.join(thing, Waiting { ask, since: Instant::now(), answer })? {
            let desk = Desk { queues: self.clone(), thing };
            tokio::task::spawn_local(async move {
                while let Some(batch) = desk.next() {
                    let late = |waiting: &Waiting<A, O>| waiting.since.elapsed() > PATIENCE;
                    // Whoever is late is told so by the end of their channel.
                    let batch: Vec<_> = batch.into_iter().filter(|waiting| !late(waiting)).collect();
                    let (asks, answers): (Vec<A>, Vec<_>) = batch.into_iter().map(|it| (it.ask, it.answer)).unzip();
                    for (answer, outcome) in answers.into_iter().zip(serve(asks).await) {
                        drop(answer.send(outcome));
                    }
                }
            });
        }
        outcome.await.map_err(|_| UNAVAILABLE)?
    }

    /// Whether there was nobody before: then somebody has to begin serving.
    fn join(&self, thing: K, waiting: Waiting<A, O>) -> Result<bool> {
        let mut queues = self.queues();
        let first = !queues.contains_key(&thing);
        let queue = queues.entry(thing).or_default();
        if queue.len() >= MOST {
            return Err(UNAVAILABLE.into());
        }
        queue.push_back(waiting);
        Ok(first)
    }

    fn queues(&self) -> MutexGuard<'_, HashMap<K, VecDeque<Waiting<A, O>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where one thing is served. Should the serving break off, its queue goes with it and all who wait are told.
struct Desk<K: Copy + Eq + Hash + 'static, A: 'static, O: 'static> {
    queues: Rc<Together<K, A, O>>,
    thing: K,
}

impl<K: Copy + Eq + Hash + 'static, A: 'static, O: 'static> Desk<K, A, O> {
    /// The next batch; `None`, and the queue is gone, when nobody waits.
    fn next(&self) -> Option<Vec<Waiting<A, O>>> {
        let mut queues = self.queues.queues();
        let queue = queues.get_mut(&self.thing)?;
        let batch: Vec<_> = queue.drain(..queue.len().min(BATCH)).collect();
        if batch.is_empty() {
            queues.remove(&self.thing);
            return None;
        }
        Some(batch)
    }
}

impl<K: Copy + Eq + Hash + 'static, A: 'static, O: 'static> Drop for Desk<K, A, O> {
    fn drop(&mut self) {
        self.queues.queues().remove(&self.thing);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use futures::future::join_all;
    use tokio::task::{LocalSet, yield_now};

    use super::*;

    type Numbers = Together<u8, usize, usize>;

    #[tokio::test]
    async fn everybody_is_served_once_in_order_and_the_later_ones_together() {
        let served: Rc<RefCell<Vec<Vec<usize>>>> = Rc::default();
        let desk: Rc<Numbers> = Rc::default();
        let ask = |number: usize| {
            let (desk, served) = (desk.clone(), served.clone());
            async move {
                let serve = async move |asks: Vec<usize>| {
                    served.borrow_mut().push(asks.clone());
                    yield_now().await;
                    asks.into_iter().map(|ask| Ok(ask * 2)).collect()
                };
                desk.ask(1, number, serve).await.unwrap()
            }
        };
        let doubled = LocalSet::new().run_until(join_all((0..120).map(ask))).await;
        assert_eq!(doubled, (0..120).map(|number| number * 2).collect::<Vec<_>>());
        let served = served.borrow();
        assert_eq!(served.concat(), (0..120).collect::<Vec<_>>());
        assert!(served.len() <= 4 && served.iter().all(|batch| batch.len() <= BATCH), "{served:?}");
        assert!(desk.queues().is_empty());
    }

    #[tokio::test]
    async fn when_serving_breaks_off_all_who_wait_are_told_and_the_next_begin_anew() {
        let desk: Rc<Numbers> = Rc::default();
        let broken = LocalSet::new();
        let waiting = async {
            let serve = async |_: Vec<usize>| std::future::pending().await;
            desk.ask(1, 1, serve).await
        };
        let ended = broken.run_until(tokio::time::timeout(Duration::from_millis(20), waiting)).await;
        assert!(ended.is_err(), "it is being served");
        drop(broken);
        assert!(desk.queues().is_empty());
        let serve = async |asks: Vec<usize>| asks.into_iter().map(Ok).collect();
        assert_eq!(LocalSet::new().run_until(desk.ask(1, 7, serve)).await.unwrap(), 7);
    }
}
