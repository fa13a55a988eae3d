use std::cell::{Cell, RefCell};
use std::rc::Rc;

use skerry_messages::FromIsolate;

use crate::ports::Outbox;

/// Where an isolate's messages leave. From an object's first write in a turn on they wait for its commit, which goes first: what is said after
/// a write may depend on it.
pub(crate) struct OutputGate {
    outbox: Outbox,
    is_holding: Cell<bool>,
    held: RefCell<Vec<FromIsolate>>,
}

impl OutputGate {
    pub fn new(outbox: Outbox) -> Rc<Self> {
        Rc::new(Self { outbox, is_holding: Cell::new(false), held: RefCell::default() })
    }

    pub fn say(&self, message: FromIsolate) {
        if self.is_holding.get() {
            self.held.borrow_mut().push(message);
        } else {
            (self.outbox)(message);
        }
    }

    /// Before all that waits.
    pub fn say_first(&self, message: FromIsolate) {
        (self.outbox)(message);
    }

    /// What is said from now on waits.
    pub fn hold(&self) {
        self.is_holding.set(true);
    }

    /// What waits is as `keep` makes it, in its order.
    pub fn revise(&self, keep: impl FnMut(FromIsolate) -> Option<FromIsolate>) {
        let held = self.held.take();
        self.held.replace(held.into_iter().filter_map(keep).collect());
    }

    /// What waits leaves.
    pub fn open(&self) {
        if self.is_holding.replace(false) {
            for message in self.held.take() {
                (self.outbox)(message);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(socket: u32) -> FromIsolate {
        FromIsolate::InboundStop { stream: socket }
    }

    #[test]
    fn what_is_said_after_a_write_waits_for_its_commit() {
        let said = Rc::new(RefCell::new(Vec::new()));
        let heard = said.clone();
        let gate = OutputGate::new(Rc::new(move |message| {
            if let FromIsolate::InboundStop { stream } = message {
                heard.borrow_mut().push(stream);
            }
        }));
        gate.say(done(1));
        gate.hold();
        gate.say(done(2));
        gate.say(done(3));
        gate.say(done(4));
        gate.say_first(done(10));
        gate.revise(|message| match message {
            FromIsolate::InboundStop { stream: 3 } => None,
            other => Some(other),
        });
        assert_eq!(*said.borrow(), [1, 10]);
        gate.open();
        gate.say(done(5));
        assert_eq!(*said.borrow(), [1, 10, 2, 4, 5]);
    }
}
