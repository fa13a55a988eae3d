//! Questions of objects about their past, which the host answers.

use deno_core::OpState;
use deno_error::JsErrorBox;
use rustc_hash::FxHashMap;
use skerry_messages::{EventId, FromIsolate, ObjectRecall, Recall};
use tokio::sync::oneshot;

use super::{Objects, gone};
use crate::ports::Ports;

/// A bookmark, or why there is none.
type Recalled = Result<String, String>;

/// Questions without an answer.
#[derive(Default)]
pub(super) struct Recalls {
    last: u32,
    waiting: FxHashMap<u32, (EventId, oneshot::Sender<Recalled>)>,
}

impl Recalls {
    /// Nobody waits for the object's answers any more.
    pub fn forget(&mut self, object: EventId) {
        self.waiting.retain(|_, (of, _)| *of != object);
    }
}

impl Objects {
    /// Asks the host. What the object had written before is safe when the answer comes.
    pub(crate) fn recall(
        state: &mut OpState,
        object: EventId,
        question: Recall,
    ) -> Result<oneshot::Receiver<Recalled>, JsErrorBox> {
        let objects = state.borrow_mut::<Self>();
        if !objects.open.contains_key(&object) {
            return Err(gone());
        }
        let (sender, receiver) = oneshot::channel();
        let recalls = &mut objects.recalls;
        recalls.last = recalls.last.wrapping_add(1);
        let id = recalls.last;
        recalls.waiting.insert(id, (object, sender));
        state.borrow::<Ports>().send(FromIsolate::ObjectRecall(ObjectRecall { object, id, question }));
        Ok(receiver)
    }

    /// The host has answered.
    pub fn recalled(&mut self, object: EventId, id: u32, result: Recalled) {
        if let Some((of, waiting)) = self.recalls.waiting.remove(&id)
            && of == object
        {
            // Nobody may be waiting any more.
            let _heard = waiting.send(result);
        }
    }
}
