//! An object's life, its transactions and its alarm.

use std::cell::RefCell;
use std::rc::Rc;

use deno_core::{OpState, op2};
use deno_error::JsErrorBox;
use skerry_messages::{Failure, FailureKind, Recall};

use super::event::cut;
use crate::objects::{Object, Objects, break_object, commit_object, gone, with_object};

/// No bookmark is as long.
const BOOKMARK_BYTES_MAX: usize = 200;

/// The object cannot go on: its events fail, and what it has written in this turn is gone.
#[op2(fast)]
pub fn op_object_break(state: &mut OpState, #[smi] object: u32, #[string] message: String, #[string] stack: String) {
    let stack = (!stack.is_empty()).then(|| cut(stack));
    break_object(state, object, &Failure { kind: FailureKind::ObjectReset, message: cut(message), stack });
}

/// The object is closed when the turn ends.
#[op2(fast)]
pub fn op_object_close(state: &mut OpState, #[smi] object: u32) {
    state.borrow_mut::<Objects>().close(object);
}

/// Commits what was written so far, apart from what comes.
#[op2(fast)]
pub fn op_object_commit(state: &mut OpState, #[smi] object: u32) -> Result<(), JsErrorBox> {
    commit_object(state, object).map_err(|broken| JsErrorBox::generic(broken.failure.message))
}

/// Begins a transaction; `op_object_end` wants its number.
#[op2(fast)]
#[smi]
pub fn op_object_begin(state: &mut OpState, #[smi] object: u32) -> Result<u32, JsErrorBox> {
    let transaction = with_object(state, object, Object::begin)?;
    u32::try_from(transaction).map_err(|_| gone())
}

#[op2(fast)]
pub fn op_object_end(state: &mut OpState, #[smi] object: u32, #[smi] transaction: u32, stays: bool) -> Result<(), JsErrorBox> {
    let transaction = usize::try_from(transaction).map_err(|_| gone())?;
    with_object(state, object, |object| object.end(transaction, stays))
}

#[op2(fast)]
pub fn op_object_delete_all(state: &mut OpState, #[smi] object: u32) -> Result<(), JsErrorBox> {
    with_object(state, object, |object| object.db().delete_all())
}

/// Waits until what was written so far is safe.
#[op2]
pub async fn op_object_sync(state: Rc<RefCell<OpState>>, #[smi] object: u32) -> Result<(), JsErrorBox> {
    let waiting = state.borrow_mut().borrow_mut::<Objects>().when_durable(object)?;
    match waiting {
        Some(waiting) => waiting.await.map_err(|_| gone()),
        None => Ok(()),
    }
}

/// The bookmark of now.
#[op2]
#[string]
pub async fn op_object_bookmark(state: Rc<RefCell<OpState>>, #[smi] object: u32) -> Result<String, JsErrorBox> {
    recall(state, object, Recall::Now).await
}

/// The bookmark of a time, in milliseconds of Unix time.
#[op2]
#[string]
pub async fn op_object_bookmark_for(state: Rc<RefCell<OpState>>, #[smi] object: u32, ms: f64) -> Result<String, JsErrorBox> {
    recall(state, object, Recall::At { time_ms: ms as u64 }).await
}

/// Has the object restored when it is opened the next time. Gives the bookmark that undoes it.
#[op2]
#[string]
pub async fn op_object_restore_next(
    state: Rc<RefCell<OpState>>,
    #[smi] object: u32,
    #[string] bookmark: String,
) -> Result<String, JsErrorBox> {
    if bookmark.len() > BOOKMARK_BYTES_MAX {
        return Err(JsErrorBox::type_error("the bookmark is too long to be one of this object: take one that it has given"));
    }
    recall(state, object, Recall::RestoreNext { bookmark }).await
}

async fn recall(state: Rc<RefCell<OpState>>, object: u32, question: Recall) -> Result<String, JsErrorBox> {
    let answer = Objects::recall(&mut state.borrow_mut(), object, question)?;
    answer.await.map_err(|_| gone())?.map_err(JsErrorBox::generic)
}

/// In milliseconds of Unix time; -1 where there is none.
#[op2(fast)]
pub fn op_object_alarm(state: &mut OpState, #[smi] object: u32) -> Result<f64, JsErrorBox> {
    with_object(state, object, |object| object.db().alarm()).map(|alarm| alarm.map_or(-1.0, |ms| ms as f64))
}

#[op2(fast)]
pub fn op_object_set_alarm(state: &mut OpState, #[smi] object: u32, ms: f64) -> Result<(), JsErrorBox> {
    // A larger one than there are is the largest.
    with_object(state, object, |object| object.db().set_alarm(ms as i64))
}

#[op2(fast)]
pub fn op_object_delete_alarm(state: &mut OpState, #[smi] object: u32) -> Result<(), JsErrorBox> {
    with_object(state, object, |object| object.db().delete_alarm())
}
