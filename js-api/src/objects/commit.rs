use std::cell::RefCell;

use deno_core::OpState;
use skerry_messages::{EventId, FromIsolate, ObjectCommit, PageSet};
use skerry_object_db::Commit;

use super::{Broken, Object, Objects, broken};
use crate::ports::Ports;

/// Pages that go in one message, which has less than 1 MiB.
const PAGES_AT_ONCE: usize = 192;

impl Objects {
    /// Commits what the objects of the isolate have written in the turn that ends, and tells the host. Those whose writes could not be
    /// committed are broken; then what waits for the commits may leave ([`Ports::open_output`]).
    #[must_use]
    pub fn commit_turn(state: &RefCell<OpState>) -> Vec<Broken> {
        let mut state = state.borrow_mut();
        let dirty = std::mem::take(&mut state.borrow_mut::<Self>().dirty);
        dirty.into_iter().filter_map(|object| commit_object(&mut state, object).err()).collect()
    }
}

/// Commits what one object has written so far.
pub(crate) fn commit_object(state: &mut OpState, number: EventId) -> Result<(), Broken> {
    let Some(object) = state.borrow_mut::<Objects>().open.get_mut(&number) else { return Ok(()) };
    object.is_dirty = false;
    let commit = object.db.commit_turn().map_err(|error| broken(number, &error))?;
    let before = object.commits_before;
    object.wait_for_no_more_than_there_is();
    if let Some(commit) = commit {
        say(state.borrow::<Ports>(), number, before, commit);
    }
    close_if_safe(state, number);
    Ok(())
}

impl Object {
    /// A turn whose writes change nothing (the same once more) gives no commit: who waits for it waits for the last one.
    fn wait_for_no_more_than_there_is(&mut self) {
        if self.db.has_open_turn() {
            return;
        }
        let (last, durable) = (self.db.last_commit(), self.durable);
        for (commit, _) in &mut self.waiting {
            *commit = last.min(*commit);
        }
        for (_, waiting) in self.waiting.extract_if(.., |(commit, _)| *commit <= durable) {
            // Nobody may be waiting any more.
            let _heard = waiting.send(());
        }
    }
}

/// Closes an object that is to be closed, when its file holds all that it has written: whoever opens it next begins with the file.
pub(super) fn close_if_safe(state: &mut OpState, number: EventId) {
    let objects = state.borrow_mut::<Objects>();
    let is_over = |object: &Object| object.is_closing && object.durable == object.db.last_commit();
    if objects.open.get(&number).is_some_and(is_over) {
        objects.drop_object(number);
        state.borrow_mut::<Ports>().end_object(number);
    }
}

fn say(ports: &Ports, object: EventId, before: u64, commit: Commit) {
    let Commit { number, pages: PageSet { page_count, mut pages }, alarm } = commit;
    let number = before.saturating_add(number);
    let alarm_ms = alarm.and_then(|alarm| u64::try_from(alarm).ok());
    loop {
        let rest = pages.split_off(pages.len().min(PAGES_AT_ONCE));
        let has_more = !rest.is_empty();
        let part = PageSet { page_count, pages: std::mem::replace(&mut pages, rest) };
        ports.say_commit(FromIsolate::ObjectCommit(ObjectCommit { object, number, pages: part, has_more, alarm_ms }));
        if !has_more {
            return;
        }
    }
}
