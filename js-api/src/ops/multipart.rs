use deno_core::{op2, v8};
use deno_error::JsErrorBox;

use crate::multipart::{self, MultipartError};

/// The entries of a form as one flat array, five values each: name, file name or null, type of the file, start of its bytes and
/// their end; an entry that is no file has its text instead of the type.
#[op2]
pub fn op_multipart_parse<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    #[buffer] body: &[u8],
    #[string] boundary: &str,
) -> Result<v8::Local<'s, v8::Array>, JsErrorBox> {
    let parts = multipart::parse(body, boundary).map_err(from_multipart)?;
    let mut flat = Vec::with_capacity(parts.len() * 5);
    for part in parts {
        let value = part.value;
        flat.push(text(scope, &part.name)?);
        if let Some(file) = part.file {
            flat.push(text(scope, &file.name)?);
            flat.push(text(scope, &file.content_type)?);
        } else {
            flat.push(v8::null(scope).into());
            flat.push(text(scope, &String::from_utf8_lossy(body.get(value.clone()).unwrap_or_default()))?);
        }
        flat.push(v8::Number::new(scope, value.start as f64).into());
        flat.push(v8::Number::new(scope, value.end as f64).into());
    }
    Ok(v8::Array::new_with_elements(scope, &flat))
}

fn from_multipart(error: MultipartError) -> JsErrorBox {
    JsErrorBox::type_error(format!("This is no multipart form: {error}"))
}

fn text<'s>(scope: &mut v8::PinScope<'s, '_>, text: &str) -> Result<v8::Local<'s, v8::Value>, JsErrorBox> {
    v8::String::new(scope, text)
        .map(Into::into)
        .ok_or_else(|| JsErrorBox::type_error("a value of the form is too long for a string"))
}
