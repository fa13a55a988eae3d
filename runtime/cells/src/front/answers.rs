//! What a cell says of itself when it is asked, and how long it owes that.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use skerry_runtime::Share;

use crate::channel::Pong;

/// A cell that owes an answer for so long is given nothing that another can take.
const SLOW: Duration = Duration::from_millis(500);
/// What an isolate takes that has not been measured yet.
const UNMEASURED_BYTES: usize = 4 << 20;

pub(super) struct Answers {
    known: Mutex<Known>,
    /// It owes an answer for a while.
    is_slow: AtomicBool,
    /// What its isolates take of the node's budget.
    share: Share,
}

#[derive(Default)]
struct Known {
    /// What it owes an answer to.
    asked: Option<Question>,
    questions: u32,
    pong: Pong,
    /// Isolates that were started since.
    started: usize,
}

#[derive(Clone, Copy)]
struct Question {
    number: u32,
    at: Instant,
    /// CPU time that the process had used.
    used: Duration,
    /// Messages that it had said.
    said: u64,
}

/// How long a cell has owed an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Silence {
    pub lasts: Duration,
    /// CPU time that the process has used meanwhile.
    pub used: Duration,
    /// It has said nothing else meanwhile.
    pub is_mute: bool,
}

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// Nothing: it owes an answer.
    Owed(Silence),
    Now {
        question: u32,
    },
}

impl Known {
    fn used_bytes(&self) -> usize {
        self.pong.used_bytes + self.started * UNMEASURED_BYTES
    }
}

impl Answers {
    pub fn new(share: Share) -> Self {
        Self { known: Mutex::default(), is_slow: AtomicBool::new(false), share }
    }

    /// When its process has used so much CPU time, and said so many messages.
    pub fn ask(&self, used: Duration, said: u64, now: Instant) -> Ask {
        let mut known = self.known.lock();
        if let Some(asked) = known.asked {
            let lasts = now.saturating_duration_since(asked.at);
            self.is_slow.store(lasts > SLOW, Ordering::Relaxed);
            return Ask::Owed(Silence { lasts, used: used.saturating_sub(asked.used), is_mute: said == asked.said });
        }
        known.questions = known.questions.wrapping_add(1);
        let question = known.questions;
        known.asked = Some(Question { number: question, at: now, used, said });
        Ask::Now { question }
    }

    /// Whether that is what it was asked.
    pub fn is_answer(&self, question: u32) -> bool {
        self.known.lock().asked.is_some_and(|asked| asked.number == question)
    }

    pub fn note(&self, pong: Pong) {
        self.is_slow.store(false, Ordering::Relaxed);
        let mut known = self.known.lock();
        known.asked = None;
        known.started = 0;
        known.pong = pong;
        self.share.set(known.used_bytes());
    }

    /// An isolate is started in it.
    pub fn note_start(&self) {
        let mut known = self.known.lock();
        known.started += 1;
        self.share.set(known.used_bytes());
    }

    /// It takes nothing any more.
    pub fn close(&self) {
        self.share.set(0);
    }

    /// What it has said last.
    pub fn pong(&self) -> Pong {
        self.known.lock().pong.clone()
    }

    /// What its isolates take, as it says.
    pub fn used_bytes(&self) -> usize {
        self.known.lock().pong.used_bytes
    }

    /// It owes an answer for a while.
    pub fn is_slow(&self) -> bool {
        self.is_slow.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use skerry_runtime::Budget;

    use super::*;

    #[test]
    fn one_that_owes_an_answer_is_slow_until_it_gives_it() {
        let answers = Answers::new(Share::new(&Budget::new(1 << 30)));
        let start = Instant::now();
        let (ms, used) = (Duration::from_millis, Duration::from_millis(40));
        assert_eq!(answers.ask(used, 7, start), Ask::Now { question: 1 });
        assert!(answers.is_answer(1) && !answers.is_answer(2));
        for (lasts, said, is_slow) in [(100, 7, false), (500, 7, false), (600, 8, true)] {
            let silence = Silence { lasts: ms(lasts), used: ms(lasts / 10), is_mute: said == 7 };
            assert_eq!(answers.ask(used + ms(lasts / 10), said, start + ms(lasts)), Ask::Owed(silence));
            assert_eq!(answers.is_slow(), is_slow, "after {lasts} ms");
        }
        answers.note(Pong::default());
        assert!(!answers.is_slow() && !answers.is_answer(1));
    }
}
