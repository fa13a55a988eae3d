//! Durable Objects on the isolate's thread: their commits, and their ends.

use skerry_js_api::{Broken, Objects, Ports};
use skerry_messages::{EventId, Failure, FailureKind};

use super::{Host, bystander_failure, failure};

impl Host {
    /// What objects have written in this turn leaves, and then what was said after it. Nothing of a turn that was stopped does.
    pub(super) fn commit_objects(&mut self) {
        if self.is_condemned() {
            return;
        }
        for broken in Objects::commit_turn(&self.isolate.op_state) {
            self.isolate.break_object(&broken);
        }
        self.isolate.op_state.borrow().borrow::<Ports>().open_output();
    }

    pub(super) fn object_is_durable(&mut self, object: EventId, commit: u64) {
        let written = Objects::durable(&mut self.isolate.op_state.borrow_mut(), object, commit);
        if let Err(broken) = written {
            self.isolate.break_object(&broken);
        }
    }

    /// True when the event is an object, which is broken then.
    pub(super) fn break_overdrawn_object(&mut self, object: EventId) -> bool {
        if !self.isolate.op_state.borrow().borrow::<Ports>().is_object(object) {
            return false;
        }
        let limit = self.limits.cpu_per_event.as_millis();
        let message = format!("What the object does between events used more CPU time than its limit of {limit} ms");
        self.isolate.break_object(&Broken { object, failure: failure(FailureKind::CpuLimit, message) });
        true
    }

    /// The isolate ends within a turn: what objects have written in it is gone, and so are answers that depend on it.
    pub(super) fn abandon_objects(&mut self, why: &Failure) {
        let guilty = self.sampler.guilty();
        let mut state = self.isolate.op_state.borrow_mut();
        for object in state.borrow::<Ports>().objects() {
            let ports = state.borrow::<Ports>();
            let is_its = |event: EventId| event == object || ports.object_of(event) == Some(object);
            let is_innocent = guilty.is_some_and(|guilty| !is_its(guilty));
            let failure = if is_innocent { bystander_failure() } else { why.clone() };
            Objects::abandon(&mut state, &Broken { object, failure });
        }
        state.borrow::<Ports>().open_output();
    }

    /// The isolate has nothing left to do: objects that live in it keep it no longer than it takes the log to have what they have written. True
    /// when that is so, or when nobody is left to tell.
    pub(super) fn close_objects(&mut self) -> bool {
        let mut state = self.isolate.op_state.borrow_mut();
        for object in state.borrow::<Ports>().objects() {
            state.borrow_mut::<Objects>().close(object);
        }
        drop(state);
        self.commit_objects();
        let mut state = self.isolate.op_state.borrow_mut();
        let ports = state.borrow_mut::<Ports>();
        ports.report_ended();
        !ports.has_events() || self.inbox.is_closed()
    }
}
