//! What comes to an isolate: through its queue, and past it once there is a line.

use std::task::{Context, Poll, Waker};

use skerry_messages::ToIsolate;
use tokio::sync::mpsc;

use crate::memory::Uncharged;

/// A way by which messages come straight to an isolate's thread: it waits for them itself, and no other thread has to wake it.
///
/// It is polled on that thread alone, within a tokio runtime that has a driver for I/O ([`crate::Pool::with_lines`]).
pub trait Line: Send {
    /// The next message; none when there will be no more.
    fn poll_next(&mut self, cx: &mut Context) -> Poll<Option<ToIsolate>>;
}

/// What is put into the queue.
#[expect(clippy::large_enum_variant, reason = "nearly all are messages, which would be boxed for a line that comes once")]
enum Inbound {
    Message(ToIsolate),
    /// What is sent from here on comes through it.
    Line(Box<dyn Line>),
}

#[derive(Clone)]
pub(crate) struct InboxSender(mpsc::UnboundedSender<Inbound>);

pub(crate) struct Inbox {
    queue: mpsc::UnboundedReceiver<Inbound>,
    line: Option<Box<dyn Line>>,
}

pub(crate) fn inbox() -> (InboxSender, Inbox) {
    let (sender, queue) = mpsc::unbounded_channel();
    (InboxSender(sender), Inbox { queue, line: None })
}

impl InboxSender {
    /// Gives the message back when nobody takes it any more.
    pub fn send(&self, message: ToIsolate) -> Result<(), Box<ToIsolate>> {
        match self.0.send(Inbound::Message(message)) {
            Err(mpsc::error::SendError(Inbound::Message(message))) => Err(Box::new(message)),
            _ => Ok(()),
        }
    }

    /// What is sent later comes after it.
    pub fn attach(&self, line: Box<dyn Line>) {
        // One that is over needs none.
        drop(self.0.send(Inbound::Line(line)));
    }
}

impl Inbox {
    /// The next message; none when nobody is left to send any.
    pub fn poll_next(&mut self, cx: &mut Context) -> Poll<Option<ToIsolate>> {
        loop {
            match self.queue.poll_recv(cx) {
                Poll::Ready(Some(Inbound::Message(message))) => return Poll::Ready(Some(message)),
                Poll::Ready(Some(Inbound::Line(line))) => self.line = Some(line),
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => break,
            }
        }
        self.poll_line(cx)
    }

    fn poll_line(&mut self, cx: &mut Context) -> Poll<Option<ToIsolate>> {
        let Some(line) = &mut self.line else { return Poll::Pending };
        // What is on its way is the node's.
        let uncharged = Uncharged::begin();
        let next = line.poll_next(cx);
        drop(uncharged);
        match next {
            Poll::Ready(None) => {
                self.line = None;
                Poll::Pending
            }
            next => next,
        }
    }

    pub fn is_closed(&self) -> bool {
        self.queue.is_closed()
    }

    /// Takes nothing more. Gives what has come.
    pub fn close(&mut self) -> Vec<ToIsolate> {
        self.queue.close();
        let mut rest = Vec::new();
        while let Ok(inbound) = self.queue.try_recv() {
            match inbound {
                Inbound::Message(message) => rest.push(message),
                Inbound::Line(line) => self.line = Some(line),
            }
        }
        while let Poll::Ready(Some(message)) = self.poll_line(&mut Context::from_waker(Waker::noop())) {
            rest.push(message);
        }
        self.line = None;
        rest
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    struct Streams(VecDeque<u32>);

    impl Line for Streams {
        fn poll_next(&mut self, _: &mut Context) -> Poll<Option<ToIsolate>> {
            Poll::Ready(self.0.pop_front().map(|id| ToIsolate::Cancel { id }))
        }
    }

    fn taken(inbox: &mut Inbox) -> Vec<u32> {
        let mut cx = Context::from_waker(Waker::noop());
        let mut all = Vec::new();
        while let Poll::Ready(Some(ToIsolate::Cancel { id })) = inbox.poll_next(&mut cx) {
            all.push(id);
        }
        all
    }

    #[test]
    fn a_line_comes_after_what_was_queued_before_it() {
        let (sender, mut inbox) = inbox();
        assert!([1, 2].into_iter().all(|id| sender.send(ToIsolate::Cancel { id }).is_ok()));
        sender.attach(Box::new(Streams([4, 5].into())));
        assert!(sender.send(ToIsolate::Cancel { id: 3 }).is_ok());
        assert_eq!(taken(&mut inbox), [1, 2, 3, 4, 5]);
        // It has ended, and the queue is there still.
        assert!(sender.send(ToIsolate::Cancel { id: 6 }).is_ok());
        assert_eq!(taken(&mut inbox), [6]);
    }

    #[test]
    fn what_has_come_is_given_when_it_closes() {
        let (sender, mut inbox) = inbox();
        assert!(sender.send(ToIsolate::Cancel { id: 1 }).is_ok());
        sender.attach(Box::new(Streams([2].into())));
        assert_eq!(inbox.close().len(), 2);
        assert!(inbox.is_closed() && sender.send(ToIsolate::Cancel { id: 3 }).is_err());
    }
}
