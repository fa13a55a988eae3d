use data_url::DataUrl;
use deno_core::{op2, v8};

use super::body::one_byte;
use super::event::bytes_to_js;

/// What a `data:` URL holds: `[content type, bytes]`; null where it is broken.
/// <https://fetch.spec.whatwg.org/#data-url-processor>
#[op2]
pub fn op_data_url<'s>(scope: &mut v8::PinScope<'s, '_>, #[string] url: &str) -> v8::Local<'s, v8::Value> {
    let content = DataUrl::process(url).ok().and_then(|data| {
        let (bytes, _fragment) = data.decode_to_vec().ok()?;
        Some((data.mime_type().to_string(), bytes))
    });
    let Some((mime_type, bytes)) = content else { return v8::null(scope).into() };
    let mime_type = one_byte(scope, mime_type.as_bytes(), v8::NewStringType::Normal);
    let bytes = bytes_to_js(scope, bytes.into());
    v8::Array::new_with_elements(scope, &[mime_type, bytes]).into()
}
