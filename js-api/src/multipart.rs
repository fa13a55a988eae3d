//! Reads `multipart/form-data` bodies (RFC 7578; the parser of the Fetch standard, and the preamble and padding of RFC 2046).
//! Every byte is looked at a fixed number of times, whatever the body holds.

use std::ops::Range;

use memchr::memmem;

/// Limits on the head of one part.
const HEAD_MAX: usize = 16 * 1024;
const HEADERS_MAX: usize = 128;

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub name: String,
    pub file: Option<File>,
    /// Where its value stands in the body.
    pub value: Range<usize>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct File {
    pub name: String,
    pub content_type: String,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error, deno_error::JsError)]
#[class(type)]
pub enum MultipartError {
    #[error("the body has no delimiter line with its boundary")]
    NoDelimiter,
    #[error("the body breaks off before its closing delimiter")]
    Incomplete,
    /// Parts are counted from 1.
    #[error("part {0} {1}")]
    Part(usize, PartError),
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartError {
    #[error("breaks off in its head")]
    Incomplete,
    #[error("has a header line without a colon")]
    Header,
    #[error("has too large a head")]
    HeadTooLarge,
    #[error("has no Content-Disposition")]
    NoDisposition,
    #[error("has a Content-Disposition that is not form-data with a name")]
    Disposition,
}

/// The parts of a body, in their order.
pub(crate) fn parse(body: &[u8], boundary: &str) -> Result<Vec<Part>, MultipartError> {
    let delimiter = format!("\r\n--{boundary}");
    let finder = memmem::Finder::new(&delimiter);
    // The first delimiter needs no line end before it.
    let mut line = match body.strip_prefix(&delimiter.as_bytes()[2..]).and_then(line_after) {
        Some(line) => line.after(delimiter.len() - 2),
        None => next_delimiter(body, 0, &finder).ok_or(MultipartError::NoDelimiter)?.1,
    };
    let mut parts = Vec::new();
    while let DelimiterLine::Part(start) = line {
        let head =
            read_head(body.get(start..).unwrap_or_default()).map_err(|error| MultipartError::Part(parts.len() + 1, error))?;
        let value_start = start + head.length;
        // The empty line that ends the head may be the one that begins the delimiter.
        let (end, next) = next_delimiter(body, value_start - 2, &finder).ok_or(MultipartError::Incomplete)?;
        parts.push(Part { name: head.name, file: head.file, value: value_start..end.max(value_start) });
        line = next;
    }
    Ok(parts)
}

/// What follows a boundary on its line, with the position after it.
#[derive(Clone, Copy)]
enum DelimiterLine {
    Part(usize),
    Close,
}

impl DelimiterLine {
    fn after(self, offset: usize) -> Self {
        match self {
            Self::Part(end) => Self::Part(offset + end),
            Self::Close => Self::Close,
        }
    }
}

/// The first delimiter from `from` on: where it begins, and what its line says.
fn next_delimiter(body: &[u8], from: usize, finder: &memmem::Finder) -> Option<(usize, DelimiterLine)> {
    let rest = body.get(from..)?;
    finder.find_iter(rest).find_map(|at| {
        let after = at + finder.needle().len();
        let line = line_after(rest.get(after..)?)?;
        Some((from + at, line.after(from + after)))
    })
}

/// Reads the rest of a line behind a boundary; none where the boundary was only the beginning of other text.
fn line_after(rest: &[u8]) -> Option<DelimiterLine> {
    let (closes, rest_of_line) = match rest.strip_prefix(b"--") {
        Some(after) => (true, after),
        None => (false, rest),
    };
    let padding = rest_of_line.iter().take_while(|byte| is_blank(**byte)).count();
    let end = rest_of_line.get(padding..)?;
    if closes {
        (end.is_empty() || end.starts_with(b"\r\n")).then_some(DelimiterLine::Close)
    } else {
        end.starts_with(b"\r\n").then_some(DelimiterLine::Part(padding + 2))
    }
}

struct Head {
    name: String,
    file: Option<File>,
    /// With the empty line that ends it.
    length: usize,
}

fn read_head(bytes: &[u8]) -> Result<Head, PartError> {
    let bytes = bytes.get(..HEAD_MAX).unwrap_or(bytes);
    let mut disposition: Option<(String, Option<String>)> = None;
    let mut content_type: Option<String> = None;
    let mut length = 0;
    for _ in 0..=HEADERS_MAX {
        let rest = bytes.get(length..).unwrap_or_default();
        let end = memmem::find(rest, b"\r\n").ok_or(if bytes.len() == HEAD_MAX {
            PartError::HeadTooLarge
        } else {
            PartError::Incomplete
        })?;
        let line = rest.get(..end).unwrap_or_default();
        length += end + 2;
        if line.is_empty() {
            let (name, file_name) = disposition.ok_or(PartError::NoDisposition)?;
            let file = file_name.map(|name| File { name, content_type: content_type.unwrap_or_else(|| "text/plain".into()) });
            return Ok(Head { name, file, length });
        }
        let colon = memchr::memchr(b':', line).ok_or(PartError::Header)?;
        let (field, value) = line.split_at(colon);
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        if field.eq_ignore_ascii_case(b"content-disposition") {
            disposition = Some(read_disposition(value).ok_or(PartError::Disposition)?);
        } else if field.eq_ignore_ascii_case(b"content-type") {
            content_type = Some(if value.is_ascii() { String::from_utf8_lossy(value).into_owned() } else { String::new() });
        }
    }
    Err(PartError::HeadTooLarge)
}

/// Name and file name of `form-data; name="..."; filename="..."`.
fn read_disposition(value: &[u8]) -> Option<(String, Option<String>)> {
    let kind = value.get(..9)?;
    if !kind.eq_ignore_ascii_case(b"form-data") {
        return None;
    }
    let mut rest = value.get(9..)?.trim_ascii_start();
    let mut name = None;
    let mut file_name = None;
    while let Some(parameters) = rest.strip_prefix(b";") {
        let parameters = parameters.trim_ascii_start();
        if parameters.is_empty() {
            rest = parameters;
            break;
        }
        let equals = memchr::memchr(b'=', parameters)?;
        let (key, after) = parameters.split_at(equals);
        let (text, after) = read_parameter(after.get(1..)?)?;
        match key.trim_ascii().to_ascii_lowercase().as_slice() {
            b"name" => name = Some(text),
            b"filename" => file_name = Some(text),
            _ => {}
        }
        rest = after.trim_ascii_start();
    }
    if rest.is_empty() { name.map(|name| (name, file_name)) } else { None }
}

/// A parameter's value, and what stands behind it.
fn read_parameter(text: &[u8]) -> Option<(String, &[u8])> {
    if let Some(quoted) = text.strip_prefix(b"\"") {
        let end = memchr::memchr_iter(b'"', quoted).find(|at| closes(quoted, *at))?;
        let value = String::from_utf8_lossy(quoted.get(..end)?).replace("\\\"", "\"");
        return Some((unescape(&value), quoted.get(end + 1..)?));
    }
    let end = memchr::memchr(b';', text).unwrap_or(text.len());
    Some((unescape(&String::from_utf8_lossy(text.get(..end)?.trim_ascii_end())), text.get(end..)?))
}

/// Whether a double quote ends its string. Browsers never write one inside; other clients do, behind a backslash. A backslash may
/// also be the last character of a name: then the parameter ends behind the quote.
fn closes(quoted: &[u8], at: usize) -> bool {
    let follows_backslash = quoted.get(..at).unwrap_or_default().ends_with(b"\\");
    let rest = quoted.get(at + 1..).unwrap_or_default().trim_ascii_start();
    !follows_backslash || rest.is_empty() || rest.starts_with(b";")
}

/// Undoes what browsers escape in names: line ends and double quotes.
fn unescape(text: &str) -> String {
    let mut unescaped = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        let (before, escape) = rest.split_at(at);
        let byte = match escape.get(..3) {
            Some("%0A" | "%0a") => Some("\n"),
            Some("%0D" | "%0d") => Some("\r"),
            Some("%22") => Some("\""),
            _ => None,
        };
        unescaped.push_str(before);
        unescaped.push_str(byte.unwrap_or("%"));
        rest = escape.get(if byte.is_some() { 3 } else { 1 }..).unwrap_or_default();
    }
    unescaped + rest
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn in_part<T>(number: usize, error: PartError) -> Result<T, MultipartError> {
        Err(MultipartError::Part(number, error))
    }

    fn texts(body: &str) -> Result<Vec<(String, String)>, MultipartError> {
        let parts = parse(body.as_bytes(), "x")?;
        Ok(parts.into_iter().map(|part| (part.name, body[part.value].to_owned())).collect())
    }

    fn part(head: &str, value: &str) -> String {
        format!("--x\r\n{head}\r\n\r\n{value}\r\n--x--\r\n")
    }

    fn only(head: &str) -> Result<Part, MultipartError> {
        parse(part(head, "").as_bytes(), "x").map(|mut parts| parts.remove(0))
    }

    #[test]
    fn reads_parts_in_order() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n--x--";
        assert_eq!(texts(body), Ok(vec![("a".into(), "1".into()), ("a".into(), String::new())]));
    }

    #[test]
    fn skips_preamble_padding_and_epilogue() {
        let body = "before --x\r\n--x \t\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x-- \r\nafter\r\n--x\r\n";
        assert_eq!(texts(body), Ok(vec![("a".into(), "1".into())]));
    }

    #[test]
    fn keeps_what_only_looks_like_a_delimiter() {
        let value = "a--x\r\n--xy\r\n--x-\r\n--x--z\r\n--\r";
        assert_eq!(texts(&part("Content-Disposition: form-data; name=\"a\"", value)), Ok(vec![("a".into(), value.into())]));
    }

    #[test]
    fn takes_a_part_without_any_value() {
        assert_eq!(
            texts("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n--x--"),
            Ok(vec![("a".into(), String::new())])
        );
    }

    #[test]
    fn reads_names() {
        let name = |head: &str| only(head).map(|part| (part.name, part.file.map(|file| file.name)));
        let disposition = |rest: &str| name(&format!("content-disposition:form-data;{rest}"));
        assert_eq!(disposition(r#"name="a;b=c"; filename="d; e=f""#), Ok(("a;b=c".into(), Some("d; e=f".into()))));
        assert_eq!(disposition(r#"filename=""; NAME="""#), Ok((String::new(), Some(String::new()))));
        assert_eq!(disposition(r#"name="%22%0D%0a%25%2";filename*=UTF-8''x;"#), Ok(("\"\r\n%25%2".into(), None)));
        assert_eq!(disposition(r#"name="a\""#), Ok(("a\\".into(), None)));
        assert_eq!(disposition(r#"name="a\"b"; filename="\"\"""#), Ok((r#"a"b"#.into(), Some(r#""""#.into()))));
        assert_eq!(disposition(r#"name="a\"; filename="b""#), Ok((r"a\".into(), Some("b".into()))));
        assert_eq!(disposition(r#"name="a"b"#), in_part(1, PartError::Disposition));
        assert_eq!(disposition(r#"name="a"#), in_part(1, PartError::Disposition));
        assert_eq!(disposition(r#"filename="a""#), in_part(1, PartError::Disposition));
        assert_eq!(name("Content-Disposition: attachment; name=\"a\""), in_part(1, PartError::Disposition));
    }

    #[test]
    fn reads_types_of_files() {
        let kind = |rest: &str| {
            only(&format!("Content-Disposition: form-data; name=\"a\"; filename=\"b\"{rest}"))
                .map(|part| part.file.map(|file| file.content_type))
        };
        assert_eq!(kind(""), Ok(Some("text/plain".into())));
        assert_eq!(kind("\r\ncontent-TYPE:  image/png "), Ok(Some("image/png".into())));
        assert_eq!(kind("\r\nContent-Type: é"), Ok(Some(String::new())));
        assert_eq!(kind("\r\nno header"), in_part(1, PartError::Header));
    }

    #[test]
    fn refuses_what_breaks_off() {
        let whole = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--";
        for end in 0..whole.len() {
            assert!(texts(&whole[..end]).is_err(), "{end}");
        }
        assert_eq!(texts("--x--"), Ok(vec![]));
        assert_eq!(texts("text"), Err(MultipartError::NoDelimiter));
    }

    #[test]
    fn names_the_part_that_is_malformed() {
        let second = |head: &str| texts(&format!("--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x\r\n{head}"));
        assert_eq!(second("Content-Type: text/plain\r\n\r\n2\r\n--x--"), in_part(2, PartError::NoDisposition));
        assert_eq!(second("no header\r\n\r\n2\r\n--x--"), in_part(2, PartError::Header));
        assert_eq!(second("Content-Type: text"), in_part(2, PartError::Incomplete));
    }

    #[test]
    fn refuses_heads_without_end() {
        let many = "a: b\r\n".repeat(HEADERS_MAX + 1);
        assert_eq!(only(&format!("{many}Content-Disposition: form-data; name=a")), in_part(1, PartError::HeadTooLarge));
        let long = "a".repeat(HEAD_MAX);
        assert_eq!(only(&format!("Content-Disposition: form-data; name={long}")), in_part(1, PartError::HeadTooLarge));
    }
}
