//! SQL functions whose own form in SQLite takes the product of its arguments' lengths.
//!
//! No question whether to stop is asked within a function: `trim` of two texts of 2 MB would run for hours, `unhex` as long, `instr` and
//! `replace` half a minute. These give the same answers in the sum of the lengths. (`tests/functions.rs` compares them.)

use std::ffi::{c_int, c_void};
use std::{ptr, slice};

use memchr::memmem;
use rusqlite::ffi;
use rustc_hash::FxHashSet;

use crate::DbError;
use crate::sqlite::Connection;

type Function = unsafe extern "C" fn(*mut ffi::sqlite3_context, c_int, *mut *mut ffi::sqlite3_value);

/// What a call is about: SQLite's context, and its arguments.
struct Call {
    context: *mut ffi::sqlite3_context,
    arguments: *mut *mut ffi::sqlite3_value,
}

enum Answer<'call> {
    Null,
    Number(i64),
    Text(&'call [u8]),
    Blob(&'call [u8]),
    TooBig,
}

/// Puts them in the place of SQLite's.
pub(crate) fn register(connection: &Connection) -> Result<(), DbError> {
    let functions: [(&std::ffi::CStr, c_int, Function); 6] = [
        (c"trim", 2, trim),
        (c"ltrim", 2, ltrim),
        (c"rtrim", 2, rtrim),
        (c"instr", 2, instr),
        (c"replace", 3, replace),
        (c"unhex", 2, unhex),
    ];
    let flags = ffi::SQLITE_UTF8 | ffi::SQLITE_DETERMINISTIC | ffi::SQLITE_INNOCUOUS;
    for (name, count, function) in functions {
        let (raw, name, data) = (connection.raw(), name.as_ptr(), ptr::null_mut::<c_void>());
        let _heap = connection.heap().enter();
        // SAFETY: the connection is open, the name ends with NUL, the function is static.
        let code = unsafe { ffi::sqlite3_create_function_v2(raw, name, count, flags, data, Some(function), None, None, None) };
        connection.check(code)?;
    }
    Ok(())
}

impl Call {
    /// An argument: SQLite gives as many as the function was registered with.
    fn argument(&self, index: usize) -> *mut ffi::sqlite3_value {
        // SAFETY: within the array.
        let place = unsafe { self.arguments.add(index) };
        // SAFETY: SQLite has filled the array.
        unsafe { *place }
    }

    fn is_blob(&self, index: usize) -> bool {
        // SAFETY: an argument of this call.
        unsafe { ffi::sqlite3_value_type(self.argument(index)) == ffi::SQLITE_BLOB }
    }

    /// As text; None if it is NULL.
    fn text(&self, index: usize) -> Option<&[u8]> {
        // SAFETY: an argument of this call.
        let text = unsafe { ffi::sqlite3_value_text(self.argument(index)) };
        self.bytes(index, text.cast())
    }

    /// As it is.
    fn blob(&self, index: usize) -> &[u8] {
        // SAFETY: an argument of this call.
        let blob = unsafe { ffi::sqlite3_value_blob(self.argument(index)) };
        self.bytes(index, blob).unwrap_or_default()
    }

    fn bytes(&self, index: usize, start: *const c_void) -> Option<&[u8]> {
        if start.is_null() {
            return None;
        }
        // SAFETY: an argument of this call, of which the text or blob was asked last.
        let length = unsafe { ffi::sqlite3_value_bytes(self.argument(index)) };
        // SAFETY: so many bytes of SQLite's, which last as long as the call.
        Some(unsafe { slice::from_raw_parts(start.cast(), usize::try_from(length).unwrap_or(0)) })
    }

    /// The most that a text may have.
    fn bytes_max(&self) -> usize {
        // SAFETY: the context of this call.
        let connection = unsafe { ffi::sqlite3_context_db_handle(self.context) };
        // SAFETY: a negative value asks.
        usize::try_from(unsafe { ffi::sqlite3_limit(connection, ffi::SQLITE_LIMIT_LENGTH, -1) }).unwrap_or(0)
    }

    fn answer(&self, answer: &Answer<'_>) {
        let copy = ffi::SQLITE_TRANSIENT();
        match answer {
            Answer::Null => {}
            // SAFETY: the context of this call.
            Answer::Number(number) => unsafe { ffi::sqlite3_result_int64(self.context, *number) },
            Answer::Text(text) => {
                let (start, length, utf8) = (text.as_ptr().cast(), text.len() as u64, ffi::SQLITE_UTF8 as u8);
                // SAFETY: the context of this call; SQLite copies the bytes.
                unsafe { ffi::sqlite3_result_text64(self.context, start, length, copy, utf8) };
            }
            Answer::Blob(bytes) => {
                let (start, length) = (bytes.as_ptr().cast(), bytes.len() as u64);
                // SAFETY: the context of this call; SQLite copies the bytes.
                unsafe { ffi::sqlite3_result_blob64(self.context, start, length, copy) };
            }
            // SAFETY: the context of this call.
            Answer::TooBig => unsafe { ffi::sqlite3_result_error_toobig(self.context) },
        }
    }

    fn trimmed(&self, left: bool, right: bool) -> Answer<'_> {
        let (Some(mut text), Some(set)) = (self.text(0), self.text(1)) else { return Answer::Null };
        let set: FxHashSet<&[u8]> = characters(until_nul(set)).collect();
        // What is longer than a character can be is none, and never met.
        let lengths: Vec<usize> = (1..=4).filter(|length| set.iter().any(|character| character.len() == *length)).collect();
        while left
            && let Some(length) = lengths.iter().find(|length| text.get(..**length).is_some_and(|start| set.contains(start)))
        {
            text = &text[*length..];
        }
        let end = |text: &[u8], length: usize| text.len().checked_sub(length).is_some_and(|at| set.contains(&text[at..]));
        while right && let Some(length) = lengths.iter().find(|length| end(text, **length)) {
            text = &text[..text.len() - length];
        }
        Answer::Text(text)
    }

    fn position(&self) -> Answer<'_> {
        let blobs = self.is_blob(0) && self.is_blob(1);
        let (Some(text), Some(part)) = (self.text(0), self.text(1)) else { return Answer::Null };
        let (text, part) = if blobs { (self.blob(0), self.blob(1)) } else { (text, part) };
        // Within a text only the beginnings of characters are looked at.
        let inner = |byte: &u8| !blobs && byte & 0xc0 == 0x80;
        if part.first().is_some_and(inner) {
            return Answer::Number(i64::from(text.starts_with(part)));
        }
        Answer::Number(match memmem::find(text, part) {
            Some(0) => 1,
            Some(at) => 1 + text[1..=at].iter().filter(|byte| !inner(byte)).count() as i64,
            None => 0,
        })
    }
}

unsafe extern "C" fn trim(context: *mut ffi::sqlite3_context, _count: c_int, arguments: *mut *mut ffi::sqlite3_value) {
    let call = Call { context, arguments };
    call.answer(&call.trimmed(true, true));
}

unsafe extern "C" fn ltrim(context: *mut ffi::sqlite3_context, _count: c_int, arguments: *mut *mut ffi::sqlite3_value) {
    let call = Call { context, arguments };
    call.answer(&call.trimmed(true, false));
}

unsafe extern "C" fn rtrim(context: *mut ffi::sqlite3_context, _count: c_int, arguments: *mut *mut ffi::sqlite3_value) {
    let call = Call { context, arguments };
    call.answer(&call.trimmed(false, true));
}

unsafe extern "C" fn instr(context: *mut ffi::sqlite3_context, _count: c_int, arguments: *mut *mut ffi::sqlite3_value) {
    let call = Call { context, arguments };
    call.answer(&call.position());
}

unsafe extern "C" fn replace(context: *mut ffi::sqlite3_context, _count: c_int, arguments: *mut *mut ffi::sqlite3_value) {
    let call = Call { context, arguments };
    let (Some(text), Some(part)) = (call.text(0), call.text(1)) else { return };
    if until_nul(part).is_empty() {
        return call.answer(&Answer::Text(text));
    }
    let Some(other) = call.text(2) else { return };
    let (mut replaced, mut rest, bytes_max) = (Vec::with_capacity(text.len()), 0, call.bytes_max());
    for at in memmem::find_iter(text, part) {
        replaced.extend_from_slice(&text[rest..at]);
        replaced.extend_from_slice(other);
        rest = at + part.len();
        if replaced.len() > bytes_max {
            return call.answer(&Answer::TooBig);
        }
    }
    replaced.extend_from_slice(&text[rest..]);
    call.answer(&Answer::Text(&replaced));
}

unsafe extern "C" fn unhex(context: *mut ffi::sqlite3_context, _count: c_int, arguments: *mut *mut ffi::sqlite3_value) {
    let call = Call { context, arguments };
    let (Some(text), Some(passed)) = (call.text(0), call.text(1)) else { return };
    let passed: FxHashSet<u32> = characters(passed).map(code_point).collect();
    let mut bytes = Vec::with_capacity(text.len() / 2);
    let mut high = None;
    for character in characters(until_nul(text)) {
        let digit = match character {
            [byte] => char::from(*byte).to_digit(16).map(|digit| digit as u8),
            _ => None,
        };
        match (high, digit) {
            (None, Some(digit)) => high = Some(digit),
            (Some(digit_before), Some(digit)) => {
                bytes.push(digit_before << 4 | digit);
                high = None;
            }
            (None, None) if passed.contains(&code_point(character)) => {}
            _ => return,
        }
    }
    if high.is_none() {
        call.answer(&Answer::Blob(&bytes));
    }
}

/// SQLite takes the NUL for the end of these.
fn until_nul(text: &[u8]) -> &[u8] {
    memchr::memchr(0, text).map_or(text, |end| &text[..end])
}

/// As SQLite finds them: a byte that can begin one of several bytes, with all that can go on behind it; else one byte.
fn characters(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (first, behind) = rest.split_first()?;
        let more = if *first < 0xc0 { 0 } else { behind.iter().take_while(|byte| **byte & 0xc0 == 0x80).count() };
        let (character, after) = rest.split_at(1 + more);
        rest = after;
        Some(character)
    })
}

/// As SQLite reads it: what is no character of Unicode counts as the one for that.
fn code_point(character: &[u8]) -> u32 {
    const REPLACEMENT: u32 = 0xfffd;
    let Some((first, behind)) = character.split_first() else { return REPLACEMENT };
    let bits = match first {
        0..=0xbf => return u32::from(*first),
        0xc0..=0xdf => first & 0x1f,
        0xe0..=0xef => first & 0x0f,
        0xf0..=0xf7 => first & 0x07,
        0xf8..=0xfb => first & 0x03,
        _ => u8::from(*first == 0xfd),
    };
    let code = behind.iter().fold(u32::from(bits), |code, byte| (code << 6).wrapping_add(u32::from(byte & 0x3f)));
    if code < 0x80 || code & 0xffff_f800 == 0xd800 || code & 0xffff_fffe == 0xfffe { REPLACEMENT } else { code }
}
