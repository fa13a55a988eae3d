//! What `Buffer` asks of the host: comparing, checking and decoding of bytes.

use deno_core::v8;

use super::natives::Call;

/// Of an encoding.
const NAME_MAX: usize = 16;

pub(super) fn is_ascii(call: &mut Call) {
    if let Some(is_ascii) = call.with_bytes(0, <[u8]>::is_ascii) {
        call.result.set_bool(is_ascii);
    }
}

pub(super) fn is_utf8(call: &mut Call) {
    if let Some(is_utf8) = call.with_bytes(0, |bytes| std::str::from_utf8(bytes).is_ok()) {
        call.result.set_bool(is_utf8);
    }
}

pub(super) fn compare(call: &mut Call) {
    if let Some(order) = call.with_two(<[u8]>::cmp) {
        call.result.set_int32(order as i32);
    }
}

/// `(source, target, source start, target start, source end, target end)`; what is past an end is not there.
pub(super) fn compare_parts(call: &mut Call) {
    let (source, target) = ((call.index(2), call.index(4)), (call.index(3), call.index(5)));
    if let Some(order) = call.with_two(|a, b| part(a, source).cmp(part(b, target))) {
        call.result.set_int32(order as i32);
    }
}

fn part(bytes: &[u8], (start, end): (usize, usize)) -> &[u8] {
    let end = end.min(bytes.len());
    &bytes[start.min(end)..end]
}

/// `(bytes, start, end, encoding)`; the end may be left out.
pub(super) fn decode(call: &mut Call) {
    let Ok(view) = v8::Local::<v8::ArrayBufferView>::try_from(call.args.get(0)) else {
        return call.throw_type_error("argument must be a buffer");
    };
    let end = if call.args.get(2).is_undefined() { usize::MAX } else { call.index(2) };
    let range = (call.index(1), end);
    let encoding = call.index(3);
    let mut storage = [0; v8::TYPED_ARRAY_MAX_SIZE_IN_HEAP];
    let bytes = part(view.get_contents(&mut storage), range);
    let text = match encoding {
        0 => utf8(call.scope, bytes),
        1 => v8::String::new_from_one_byte(call.scope, bytes, v8::NewStringType::Normal),
        2 => ascii(call.scope, bytes),
        3 => utf16(call.scope, bytes),
        _ => return call.throw_type_error("There is no such encoding"),
    };
    match text {
        Some(text) => call.result.set(text.into()),
        None => call.throw_too_long(),
    }
}

fn utf8<'s>(scope: &v8::PinScope<'s, '_>, bytes: &[u8]) -> Option<v8::Local<'s, v8::String>> {
    if bytes.is_ascii() {
        return v8::String::new_from_one_byte(scope, bytes, v8::NewStringType::Normal);
    }
    if bytes.len() > v8::String::MAX_LENGTH {
        return None;
    }
    // V8 would replace what is broken differently.
    v8::String::new_from_utf8(scope, String::from_utf8_lossy(bytes).as_bytes(), v8::NewStringType::Normal)
}

/// The highest bit of each byte does not count.
fn ascii<'s>(scope: &v8::PinScope<'s, '_>, bytes: &[u8]) -> Option<v8::Local<'s, v8::String>> {
    if bytes.is_ascii() || bytes.len() > v8::String::MAX_LENGTH {
        return v8::String::new_from_one_byte(scope, bytes, v8::NewStringType::Normal);
    }
    let low: Vec<u8> = bytes.iter().map(|byte| byte & 0x7f).collect();
    v8::String::new_from_one_byte(scope, &low, v8::NewStringType::Normal)
}

fn utf16<'s>(scope: &v8::PinScope<'s, '_>, bytes: &[u8]) -> Option<v8::Local<'s, v8::String>> {
    if bytes.len() / 2 > v8::String::MAX_LENGTH {
        return None;
    }
    v8::String::new_from_two_byte(scope, &units(bytes), v8::NewStringType::Normal)
}

/// A last odd byte is none.
fn units(bytes: &[u8]) -> Vec<u16> {
    bytes.as_chunks::<2>().0.iter().map(|unit| u16::from_le_bytes(*unit)).collect()
}

/// `(bytes, from, to)`
pub(super) fn transcode(call: &mut Call) {
    let (from, to) = (call.text(1, NAME_MAX).unwrap_or_default(), call.text(2, NAME_MAX).unwrap_or_default());
    let made = call.with_bytes(0, |bytes| match (from.as_str(), to.as_str()) {
        ("utf8", "ascii") => Some(narrowed(bytes, 0x7f)),
        ("utf8", "latin1") => Some(narrowed(bytes, 0xff)),
        ("utf8", "utf16le") => Some(String::from_utf8_lossy(bytes).encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("utf16le", "utf8") => Some(String::from_utf16_lossy(&units(bytes)).into_bytes()),
        ("latin1" | "ascii", "utf16le") => Some(bytes.iter().flat_map(|byte| [*byte, 0]).collect()),
        _ => None,
    });
    match made {
        Some(Some(made)) => call.answer_bytes(made),
        Some(None) => call.throw_type_error("Unable to transcode Buffer"),
        None => {}
    }
}

/// A byte for each character, `?` for those that are above.
fn narrowed(bytes: &[u8], highest: u32) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    text.chars()
        .map(|character| u8::try_from(u32::from(character)).ok().filter(|byte| u32::from(*byte) <= highest).unwrap_or(b'?'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{narrowed, part, units};

    #[test]
    fn parts_end_where_the_bytes_end() {
        assert_eq!(part(b"abc", (1, 2)), b"b");
        assert_eq!(part(b"abc", (1, usize::MAX)), b"bc");
        assert_eq!(part(b"abc", (5, 9)), b"");
        assert_eq!(part(b"abc", (2, 1)), b"");
    }

    #[test]
    fn what_does_not_fit_into_a_byte_is_a_question_mark() {
        assert_eq!(narrowed("aä€\u{1f600}".as_bytes(), 0xff), b"a\xe4??");
        assert_eq!(narrowed("aä€".as_bytes(), 0x7f), b"a??");
    }

    #[test]
    fn an_odd_byte_is_no_unit() {
        assert_eq!(units(b"a\0b"), [97]);
    }
}
