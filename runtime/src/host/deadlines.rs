use std::collections::VecDeque;
use std::pin::Pin;
use std::task::Context;
use std::time::Instant;

use skerry_messages::EventId;
use tokio::time::Sleep;

/// Events that must end by a time, all after the same while: so the first to come is the first to go.
#[derive(Default)]
pub(super) struct Deadlines {
    queue: VecDeque<(Instant, EventId)>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Deadlines {
    pub fn push(&mut self, deadline: Instant, event: EventId) {
        self.queue.push_back((deadline, event));
    }

    /// Takes the events whose time has come; the caller is woken for the next. Those that no longer count are forgotten.
    pub fn poll(&mut self, cx: &mut Context, now: Instant, counts: impl Fn(EventId) -> bool) -> Vec<EventId> {
        let mut due = Vec::new();
        while let Some((deadline, event)) = self.queue.front().copied() {
            let is_due = deadline <= now;
            if !is_due && counts(event) {
                break;
            }
            self.queue.pop_front();
            if is_due && counts(event) {
                due.push(event);
            }
        }
        self.arm(cx);
        due
    }

    fn arm(&mut self, cx: &mut Context) {
        let Some((deadline, _)) = self.queue.front() else {
            self.timer = None;
            return;
        };
        let deadline = tokio::time::Instant::from_std(*deadline);
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if timer.deadline() != deadline {
            timer.as_mut().reset(deadline);
        }
        if timer.as_mut().poll(cx).is_ready() {
            cx.waker().wake_by_ref();
        }
    }
}
