//! Ids of Durable Objects, of the namespaces that the worker is bound to.

use deno_core::{OpState, op2};
use deno_error::JsErrorBox;
use rand::RngCore;
use rand::rngs::OsRng;
use skerry_messages::{Jurisdiction, object_id_of_text, text_of_object_id};

use crate::objects::Objects;

pub(crate) const INVALID_ID: &str = "Invalid Durable Object ID: must be 64 hex digits";

/// By its name; an empty one is none.
fn jurisdiction_of(name: &str) -> Result<Option<Jurisdiction>, JsErrorBox> {
    if name.is_empty() {
        return Ok(None);
    }
    let known = || Jurisdiction::ALL.map(Jurisdiction::name).join(", ");
    let found = Jurisdiction::of_name(name);
    found.map(Some).ok_or_else(|| JsErrorBox::type_error(format!("There is no jurisdiction \"{name}\": there are {}", known())))
}

/// Throws where there is no jurisdiction of this name.
#[op2(fast)]
pub fn op_object_jurisdiction(#[string] name: &str) -> Result<(), JsErrorBox> {
    jurisdiction_of(name).map(|_| ())
}

#[op2]
#[string]
pub fn op_object_id_of_name(
    state: &mut OpState,
    #[smi] binding: u32,
    #[string] name: &str,
    #[string] jurisdiction: &str,
) -> Result<String, JsErrorBox> {
    let namespace = state.borrow::<Objects>().namespace(binding)?;
    Ok(text_of_object_id(&namespace.of_name(name, jurisdiction_of(jurisdiction)?)))
}

#[op2]
#[string]
pub fn op_object_id_unique(state: &mut OpState, #[smi] binding: u32, #[string] jurisdiction: &str) -> Result<String, JsErrorBox> {
    let namespace = state.borrow::<Objects>().namespace(binding)?;
    let jurisdiction = jurisdiction_of(jurisdiction)?;
    let mut random = [0; 16];
    OsRng.try_fill_bytes(&mut random).map_err(|error| JsErrorBox::generic(format!("no randomness can be had: {error}")))?;
    Ok(text_of_object_id(&namespace.unique(random, jurisdiction)))
}

/// The id in small letters, if it is one of the namespace's, and behind it the name of its jurisdiction, if it has one.
#[op2]
#[string]
pub fn op_object_id_check(state: &mut OpState, #[smi] binding: u32, #[string] id: &str) -> Result<String, JsErrorBox> {
    let namespace = state.borrow::<Objects>().namespace(binding)?;
    let id = object_id_of_text(id).ok_or_else(|| JsErrorBox::type_error(INVALID_ID))?;
    match namespace.check(&id) {
        Some(jurisdiction) => Ok(text_of_object_id(&id) + jurisdiction.map_or("", Jurisdiction::name)),
        None => Err(JsErrorBox::type_error("Durable Object ID is not valid for this namespace.")),
    }
}
