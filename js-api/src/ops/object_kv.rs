//! An object's key-value store. Values are stored as V8 serializes them.

use deno_core::{JsRuntime, OpState, op2, v8};
use deno_error::JsErrorBox;
use skerry_object_db::{KvList, KvOrder, KvRange};

use super::structured_clone::{from_stored, to_stored};
use crate::objects::with_object;

/// Of a list, at a time.
const PIECE_BYTES: usize = 256 << 10;

/// Worker code may run while a value is serialized: the state is not borrowed then.
fn with<T>(scope: &v8::Isolate, run: impl FnOnce(&mut OpState) -> T) -> T {
    run(&mut JsRuntime::op_state_from(scope).borrow_mut())
}

/// `undefined` where there is none.
#[op2(reentrant)]
pub fn op_object_get<'s, 'i>(
    scope: &mut v8::PinScope<'s, 'i>,
    #[smi] object: u32,
    #[string] key: &str,
) -> Result<v8::Local<'s, v8::Value>, JsErrorBox> {
    match with(scope, |state| with_object(state, object, |object| object.db().kv_get(key)))? {
        Some(value) => from_stored(scope, &value),
        None => Ok(v8::undefined(scope).into()),
    }
}

/// Key, value, key, value of those that are there, in the order of the keys.
#[op2(reentrant)]
pub fn op_object_get_many<'s, 'i>(
    scope: &mut v8::PinScope<'s, 'i>,
    #[smi] object: u32,
    keys: v8::Local<'s, v8::Array>,
) -> Result<v8::Local<'s, v8::Array>, JsErrorBox> {
    let mut keys = texts(scope, keys);
    keys.sort_unstable();
    keys.dedup();
    let found = with(scope, |state| {
        with_object(state, object, |object| {
            let mut found = Vec::new();
            for key in keys {
                if let Some(value) = object.db().kv_get(&key)? {
                    found.push((key, value));
                }
            }
            Ok(found)
        })
    })?;
    pairs_to_js(scope, &found)
}

/// `on_refusal` is given the reason why the value cannot be stored, and throws.
#[op2(fast, reentrant)]
pub fn op_object_put<'s, 'i>(
    scope: &mut v8::PinScope<'s, 'i>,
    #[smi] object: u32,
    #[string] key: &str,
    value: v8::Local<'s, v8::Value>,
    on_refusal: v8::Local<'s, v8::Function>,
) -> Result<(), JsErrorBox> {
    let Some(value) = to_stored(scope, value, on_refusal)? else { return Ok(()) };
    with(scope, |state| with_object(state, object, |object| object.db().kv_put(key, &value)))
}

/// Key, value, key, value: all are put, or none.
#[op2(fast, reentrant)]
pub fn op_object_put_many<'s, 'i>(
    scope: &mut v8::PinScope<'s, 'i>,
    #[smi] object: u32,
    pairs: v8::Local<'s, v8::Array>,
    on_refusal: v8::Local<'s, v8::Function>,
) -> Result<(), JsErrorBox> {
    let mut stored = Vec::new();
    for index in (0..pairs.length()).step_by(2) {
        let (Some(key), Some(value)) = (pairs.get_index(scope, index), pairs.get_index(scope, index + 1)) else { continue };
        let key = key.to_rust_string_lossy(scope);
        let Some(value) = to_stored(scope, value, on_refusal)? else { return Ok(()) };
        stored.push((key, value));
    }
    let stored: Vec<(&str, &[u8])> = stored.iter().map(|(key, value)| (key.as_str(), value.as_slice())).collect();
    with(scope, |state| with_object(state, object, |object| object.db().kv_put_many(&stored)))
}

/// Whether there was something.
#[op2(fast)]
pub fn op_object_delete(state: &mut OpState, #[smi] object: u32, #[string] key: &str) -> Result<bool, JsErrorBox> {
    with_object(state, object, |object| object.db().kv_delete(key))
}

/// How many there were.
#[op2(fast)]
#[smi]
pub fn op_object_delete_many<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    state: &mut OpState,
    #[smi] object: u32,
    keys: v8::Local<'s, v8::Array>,
) -> Result<u32, JsErrorBox> {
    let keys = texts(scope, keys);
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let deleted = with_object(state, object, |object| object.db().kv_delete_many(&keys))?;
    Ok(u32::try_from(deleted).unwrap_or(u32::MAX))
}

/// A piece of a list, as key, value, key, value; an empty one is its end. The next begins behind its last key.
#[op2(reentrant)]
#[allow(clippy::too_many_arguments, reason = "one call across the boundary instead of several")]
pub fn op_object_list<'s, 'i>(
    scope: &mut v8::PinScope<'s, 'i>,
    #[smi] object: u32,
    #[string] start: Option<String>,
    #[string] start_after: Option<String>,
    #[string] end: Option<String>,
    #[string] prefix: Option<String>,
    reverse: bool,
    limit: f64,
) -> Result<v8::Local<'s, v8::Array>, JsErrorBox> {
    let order = if reverse { KvOrder::Reverse } else { KvOrder::Forward };
    let range = KvRange { start, start_after, end, prefix, order, limit: Some(limit as u64) };
    let piece = with(scope, |state| {
        with_object(state, object, |object| {
            let mut list = KvList::new(range)?;
            object.db().kv_list_next(&mut list, PIECE_BYTES)
        })
    })?;
    pairs_to_js(scope, &piece)
}

fn texts(scope: &mut v8::PinScope, array: v8::Local<v8::Array>) -> Vec<String> {
    (0..array.length()).filter_map(|index| Some(array.get_index(scope, index)?.to_rust_string_lossy(scope))).collect()
}

fn pairs_to_js<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    pairs: &[(String, Vec<u8>)],
) -> Result<v8::Local<'s, v8::Array>, JsErrorBox> {
    let mut values = Vec::with_capacity(2 * pairs.len());
    for (key, value) in pairs {
        let key = v8::String::new(scope, key).ok_or_else(|| JsErrorBox::range_error("the key is too long"))?;
        values.push(key.into());
        values.push(from_stored(scope, value)?);
    }
    Ok(v8::Array::new_with_elements(scope, &values))
}
