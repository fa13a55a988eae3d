//! SQL of worker code on its object's database.

use deno_core::{OpState, op2, v8};
use deno_error::JsErrorBox;
use skerry_object_db::{Counts, CursorId, Row, Step, Value, ValueRef};

use crate::objects::with_object;

/// Of rows, at a time.
const PIECE_BYTES: usize = 1 << 20;

/// Runs statements; parameters belong to the last. Gives `[cursor or 0, names of the columns, rows read, rows written]`.
#[op2]
pub fn op_sql_exec<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    state: &mut OpState,
    #[smi] object: u32,
    #[string] text: &str,
    parameters: v8::Local<'s, v8::Array>,
) -> Result<v8::Local<'s, v8::Array>, JsErrorBox> {
    let mut values = Vec::new();
    for index in 0..parameters.length() {
        let value = parameters.get_index(scope, index).ok_or_else(|| JsErrorBox::type_error("a parameter is missing"))?;
        values.push(parameter(scope, value)?);
    }
    let done = with_object(state, object, |object| object.db().exec(text, &values))?;
    let cursor = v8::Integer::new_from_unsigned(scope, done.cursor.map_or(0, u32::from)).into();
    let names: Vec<v8::Local<v8::Value>> =
        done.columns.iter().filter_map(|name| v8::String::new(scope, name).map(Into::into)).collect();
    let names = v8::Array::new_with_elements(scope, &names).into();
    let [read, written] = counts_to_js(scope, done.counts);
    Ok(v8::Array::new_with_elements(scope, &[cursor, names, read, written]))
}

/// The next rows of a cursor, as many as are wanted or fit into a piece, and behind them, when there are no more, `[rows read, rows written]` as two numbers.
#[op2]
pub fn op_sql_rows<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    state: &mut OpState,
    #[smi] object: u32,
    #[smi] cursor: u32,
    #[smi] rows_max: u32,
) -> Result<v8::Local<'s, v8::Array>, JsErrorBox> {
    let cursor = CursorId::from(cursor);
    let rows = with_object(state, object, |object| {
        let mut rows: Vec<v8::Local<v8::Value>> = Vec::new();
        let mut bytes = 0;
        for _ in 0..rows_max {
            match object.db().next_row(cursor)? {
                Step::Row(row) => {
                    bytes += bytes_of(&row);
                    rows.push(row_to_js(scope, &row).into());
                }
                Step::Done(counts) => {
                    rows.extend(counts_to_js(scope, counts));
                    break;
                }
            }
            // Between two pieces it is looked how much memory the worker uses.
            if bytes > PIECE_BYTES {
                break;
            }
        }
        Ok(rows)
    })?;
    Ok(v8::Array::new_with_elements(scope, &rows))
}

/// What a cursor has read and written so far.
#[op2]
pub fn op_sql_counts<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    state: &mut OpState,
    #[smi] object: u32,
    #[smi] cursor: u32,
) -> Result<v8::Local<'s, v8::Array>, JsErrorBox> {
    let counts = with_object(state, object, |object| Ok(object.db().cursor_counts(CursorId::from(cursor))))?;
    let counts = counts_to_js(scope, counts);
    Ok(v8::Array::new_with_elements(scope, &counts))
}

#[op2(fast)]
pub fn op_sql_close(state: &mut OpState, #[smi] object: u32, #[smi] cursor: u32) -> Result<(), JsErrorBox> {
    with_object(state, object, |object| {
        object.db().close_cursor(CursorId::from(cursor));
        Ok(())
    })
}

/// Of the database, without free pages.
#[op2(fast)]
pub fn op_sql_bytes(state: &mut OpState, #[smi] object: u32) -> Result<f64, JsErrorBox> {
    with_object(state, object, |object| object.db().database_bytes()).map(|bytes| bytes as f64)
}

/// `js/objects/sql.js` has made texts of what is no value of SQL's.
fn parameter(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> Result<Value, JsErrorBox> {
    if value.is_null_or_undefined() {
        Ok(Value::Null)
    } else if let Ok(number) = v8::Local::<v8::Number>::try_from(value) {
        Ok(Value::Real(number.value()))
    } else if let Ok(text) = v8::Local::<v8::String>::try_from(value) {
        Ok(Value::Text(text.to_rust_string_lossy(scope)))
    } else if let Ok(number) = v8::Local::<v8::BigInt>::try_from(value) {
        match number.i64_value() {
            (number, true) => Ok(Value::Integer(number)),
            (_, false) => Err(JsErrorBox::range_error("a BigInt that is bound to SQL must have 64 bits at the most")),
        }
    } else if let Ok(view) = v8::Local::<v8::ArrayBufferView>::try_from(value) {
        let mut bytes = vec![0; view.byte_length()];
        let copied = view.copy_contents(&mut bytes);
        bytes.truncate(copied);
        Ok(Value::Blob(bytes))
    } else if let Ok(buffer) = v8::Local::<v8::ArrayBuffer>::try_from(value) {
        let length = buffer.byte_length();
        let view =
            v8::Uint8Array::new(scope, buffer, 0, length).ok_or_else(|| JsErrorBox::range_error("the buffer is too large"))?;
        let mut bytes = vec![0; length];
        view.copy_contents(&mut bytes);
        Ok(Value::Blob(bytes))
    } else {
        Err(JsErrorBox::type_error("a value that is bound to SQL must be null, a number, a text or bytes"))
    }
}

fn bytes_of(row: &Row) -> usize {
    let value = |column| match row.get(column) {
        ValueRef::Text(text) => text.len(),
        ValueRef::Blob(bytes) => bytes.len(),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => 0,
    };
    (0..row.len()).map(value).sum()
}

fn row_to_js<'s>(scope: &mut v8::PinScope<'s, '_>, row: &Row) -> v8::Local<'s, v8::Array> {
    let values: Vec<v8::Local<v8::Value>> = (0..row.len()).map(|column| value_to_js(scope, row.get(column))).collect();
    v8::Array::new_with_elements(scope, &values)
}

/// Integers are numbers, as in Cloudflare's, also where that is not exact.
fn value_to_js<'s>(scope: &mut v8::PinScope<'s, '_>, value: ValueRef) -> v8::Local<'s, v8::Value> {
    match value {
        ValueRef::Null => v8::null(scope).into(),
        ValueRef::Integer(number) => v8::Number::new(scope, number as f64).into(),
        ValueRef::Real(number) => v8::Number::new(scope, number).into(),
        // No text is too long: a row has 2 MB at the most.
        ValueRef::Text(text) => v8::String::new(scope, &text).map_or_else(|| v8::null(scope).into(), Into::into),
        ValueRef::Blob(bytes) => {
            let store = v8::ArrayBuffer::new_backing_store_from_vec(bytes.to_vec()).make_shared();
            v8::ArrayBuffer::with_backing_store(scope, &store).into()
        }
    }
}

fn counts_to_js<'s>(scope: &mut v8::PinScope<'s, '_>, counts: Counts) -> [v8::Local<'s, v8::Value>; 2] {
    [counts.rows_read, counts.rows_written].map(|count| v8::Number::new(scope, count as f64).into())
}
