//! The order in which calls reach an object: that in which they were made, also while it is opened or moved.
//!
//! Owns: whose turn it is. Refuses: where the object lives, and what a call is.
//!
//! ```text
//!   join (where the call is heard) -> turn -> sent to the isolate -> answered: leave
//!              ^                                     |
//!              +---- come back, with the old number -+   its isolate ended before it began it
//! ```
//! Invariant: the lowest number that waits is next. Whoever opens the object anew first waits until all that were sent before have left or come
//! back ([`Place::others_settled`]), and lets those with lower numbers go ahead ([`Place::step_back`]).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};

/// Calls of one object that have no answer yet.
const CALLS_MAX: usize = 10_000;
/// What they bring, where it is in memory.
const BYTES_MAX: usize = 256 << 20;
/// What was sent to an isolate that is over is answered, failed or returned by then: it only has to be noticed.
const SETTLING: Duration = Duration::from_secs(5);

/// Those who have called one object and have no answer.
#[derive(Default)]
pub(super) struct Line {
    state: Mutex<State>,
    /// Told when nobody is away any more.
    settled: Notify,
}

#[derive(Default)]
struct State {
    /// Of whoever comes next.
    next: u64,
    is_busy: bool,
    waiting: BTreeMap<u64, oneshot::Sender<()>>,
    /// Sent to an isolate, and not answered: they may come back.
    away: BTreeSet<u64>,
    calls: usize,
    bytes: usize,
}

/// More calls of the object wait than may.
#[derive(Debug, thiserror::Error)]
#[error("The Durable Object is overloaded: more than {CALLS_MAX} calls, or 256 MiB of them, wait for their answers")]
pub(crate) struct TooLong;

/// One call's place. Dropped, it is free.
pub(crate) struct Place {
    line: Arc<Line>,
    number: u64,
    bytes: usize,
    standing: Standing,
}

enum Standing {
    Waiting(oneshot::Receiver<()>),
    /// It is its turn.
    First,
    Away,
}

impl Line {
    /// A place behind all who have one, for a call that brings so many bytes.
    pub fn join(self: &Arc<Self>, bytes: usize) -> Result<Place, TooLong> {
        let mut state = self.state.lock();
        if state.calls >= CALLS_MAX || state.bytes.saturating_add(bytes) > BYTES_MAX.max(bytes) {
            return Err(TooLong);
        }
        state.calls += 1;
        state.bytes += bytes;
        let number = state.next;
        state.next += 1;
        let standing = Standing::Waiting(state.wait(number));
        Ok(Place { line: self.clone(), number, bytes, standing })
    }

    /// Whether anybody has a place.
    pub fn has_callers(&self) -> bool {
        self.state.lock().calls > 0
    }
}

impl State {
    fn wait(&mut self, number: u64) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        self.waiting.insert(number, sender);
        self.advance();
        receiver
    }

    fn advance(&mut self) {
        if !self.is_busy
            && let Some((_, next)) = self.waiting.pop_first()
        {
            self.is_busy = true;
            // Whoever gives up while it waits takes itself out first.
            let _is_there = next.send(());
        }
    }

    /// The turn is over.
    fn pass_on(&mut self) {
        self.is_busy = false;
        self.advance();
    }
}

impl Place {
    /// Waits for the turn, which lasts until [`Self::sent`] or [`Self::step_back`].
    pub async fn turn(&mut self) {
        if let Standing::Waiting(turn) = &mut self.standing {
            // It is never closed before.
            let _told = turn.await;
            self.standing = Standing::First;
        }
    }

    /// The call is on its way to the isolate.
    pub fn sent(&mut self) {
        if matches!(self.standing, Standing::First) {
            let mut state = self.line.state.lock();
            state.away.insert(self.number);
            state.pass_on();
            self.standing = Standing::Away;
        }
    }

    /// The isolate has not begun it: it goes before all that were made later.
    pub fn come_back(&mut self) {
        if matches!(self.standing, Standing::Away) {
            let mut state = self.line.state.lock();
            // First it waits again, then it is missed no more.
            self.standing = Standing::Waiting(state.wait(self.number));
            state.away.remove(&self.number);
            self.line.tell_if_settled(&state);
        }
    }

    /// Waits until all that were sent before have left or come back.
    pub async fn others_settled(&self) {
        let settled = async {
            loop {
                let settled = self.line.settled.notified();
                if self.line.state.lock().away.is_empty() {
                    return;
                }
                settled.await;
            }
        };
        // The object must not wait for good for somebody who does not look.
        let _in_time = tokio::time::timeout(SETTLING, settled).await;
    }

    /// Lets somebody with a lower number go ahead. False where there is nobody.
    pub fn step_back(&mut self) -> bool {
        let mut state = self.line.state.lock();
        let is_passed = state.waiting.first_key_value().is_some_and(|(first, _)| *first < self.number);
        if is_passed && matches!(self.standing, Standing::First) {
            let (sender, turn) = oneshot::channel();
            state.waiting.insert(self.number, sender);
            self.standing = Standing::Waiting(turn);
            state.pass_on();
        }
        is_passed
    }
}

impl Line {
    fn tell_if_settled(&self, state: &State) {
        if state.away.is_empty() {
            self.settled.notify_waiters();
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.line.state.lock();
        state.calls -= 1;
        state.bytes -= self.bytes;
        match self.standing {
            Standing::Waiting(_) if state.waiting.remove(&self.number).is_some() => {}
            // It was told, and has not looked.
            Standing::Waiting(_) | Standing::First => state.pass_on(),
            Standing::Away => {
                state.away.remove(&self.number);
                self.line.tell_if_settled(&state);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn line() -> Arc<Line> {
        Arc::default()
    }

    fn join(line: &Arc<Line>) -> Result<Place, TooLong> {
        line.join(0)
    }

    fn has_turn(place: &mut Place) -> bool {
        place.turn().now_or_never().is_some()
    }

    #[tokio::test]
    async fn turns_are_in_the_order_of_joining() -> Result<(), TooLong> {
        let line = line();
        let (mut one, mut two, mut three) = (join(&line)?, join(&line)?, join(&line)?);
        assert!(!has_turn(&mut three) && !has_turn(&mut two) && has_turn(&mut one));
        one.sent();
        assert!(!has_turn(&mut three) && has_turn(&mut two));
        // Whoever gives up lets the next go, before its turn and in it.
        let four = join(&line)?;
        drop(four);
        drop(two);
        assert!(has_turn(&mut three));
        let mut five = join(&line)?;
        let told_and_gone = join(&line)?;
        drop(three);
        assert!(has_turn(&mut five));
        five.sent();
        drop(told_and_gone);
        assert!(has_turn(&mut join(&line)?));
        Ok(())
    }

    #[tokio::test]
    async fn who_comes_back_goes_before_who_came_later() -> Result<(), TooLong> {
        let line = line();
        let (mut one, mut two, mut three, mut four) = (join(&line)?, join(&line)?, join(&line)?, join(&line)?);
        for place in [&mut one, &mut two, &mut three] {
            place.turn().await;
            place.sent();
        }
        four.turn().await;
        assert!(four.others_settled().now_or_never().is_none(), "they may come back");
        drop(two);
        three.come_back();
        assert!(four.others_settled().now_or_never().is_none(), "one may come back");
        one.come_back();
        assert!(four.others_settled().now_or_never().is_some());
        assert!(four.step_back());
        assert!(!has_turn(&mut four) && !has_turn(&mut three) && has_turn(&mut one));
        assert!(!one.step_back());
        one.sent();
        assert!(has_turn(&mut three));
        // The one before may come back once more.
        one.come_back();
        assert!(three.step_back() && has_turn(&mut one));
        one.sent();
        three.turn().await;
        three.sent();
        four.turn().await;
        assert!(!four.step_back());
        Ok(())
    }

    #[tokio::test]
    async fn a_line_has_an_end() -> Result<(), TooLong> {
        let line = line();
        let places = (0..CALLS_MAX).map(|_| join(&line)).collect::<Result<Vec<_>, _>>()?;
        assert!(join(&line).is_err());
        drop(places);
        let large = line.join(BYTES_MAX)?;
        assert!(line.join(1).is_err());
        drop(large);
        // One alone may be as large as it is.
        let larger = line.join(BYTES_MAX + 1)?;
        assert!(line.join(0).is_err());
        drop(larger);
        assert!(has_turn(&mut join(&line)?));
        Ok(())
    }
}
