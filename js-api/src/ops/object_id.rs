//! Ids of Durable Objects, of the namespaces that the worker is bound to.

use deno_core::{OpState, op2};
use deno_error::JsErrorBox;
use rand::RngCore;
use rand::rngs::OsRng;
use skerry_messages::{object_id_of_text, text_of_object_id};

use crate::objects::Objects;

pub(crate) const INVALID_ID: &str = "Invalid Durable Object ID: must be 64 hex digits";

#[op2]
#[string]
pub fn op_object_id_of_name(state: &mut OpState, #[smi] binding: u32, #[string] name: &str) -> Result<String, JsErrorBox> {
    let namespace = state.borrow::<Objects>().namespace(binding)?;
    Ok(text_of_object_id(&namespace.of_name(name)))
}

#[op2]
#[string]
pub fn op_object_id_unique(state: &mut OpState, #[smi] binding: u32) -> Result<String, JsErrorBox> {
    let namespace = state.borrow::<Objects>().namespace(binding)?;
    let mut random = [0; 16];
    OsRng.try_fill_bytes(&mut random).map_err(|error| JsErrorBox::generic(format!("no randomness can be had: {error}")))?;
    Ok(text_of_object_id(&namespace.unique(random)))
}

/// The id in small letters, if it is one of the namespace's.
#[op2]
#[string]
pub fn op_object_id_check(state: &mut OpState, #[smi] binding: u32, #[string] id: &str) -> Result<String, JsErrorBox> {
    let namespace = state.borrow::<Objects>().namespace(binding)?;
    let id = object_id_of_text(id).ok_or_else(|| JsErrorBox::type_error(INVALID_ID))?;
    if namespace.check(&id) {
        Ok(text_of_object_id(&id))
    } else {
        Err(JsErrorBox::type_error("Durable Object ID is not valid for this namespace."))
    }
}
