//! A door for `tests/fuzz` to what reads bytes of strangers. Nothing else may use it.

use std::ops::Range;

/// The names of a form's fields, and where their values stand in the body.
pub fn multipart(body: &[u8], boundary: &str) -> Option<Vec<(String, Range<usize>)>> {
    let parts = crate::multipart::parse(body, boundary).ok()?;
    Some(parts.into_iter().map(|part| (part.name, part.value)).collect())
}
