use http::{HeaderMap, HeaderName, Method};

use super::{read, samples, written};
use crate::wire::value::Value;
use crate::wire::{HEADERS_MAX, WireError};
use crate::{
    Body, Entrypoint, Event, EventKind, FetchEvent, FromIsolate, Handler, LogLevel, RequestHead, Subresponse, ToIsolate,
};

fn error_of<T: Value>(bytes: impl AsRef<[u8]>) -> String {
    read::<T>(bytes.as_ref().to_vec()).err().map_or_else(|| "it is read".to_owned(), |error| error.to_string())
}

#[test]
fn an_error_says_what_is_wrong() {
    assert_eq!(error_of::<ToIsolate>([99]), "unknown tag 99 in ToIsolate");
    assert_eq!(error_of::<FromIsolate>([99]), "unknown tag 99 in FromIsolate");
    assert_eq!(error_of::<Body>([4]), "unknown tag 4 in Body");
    assert_eq!(error_of::<EventKind>([9]), "unknown tag 9 in EventKind");
    assert_eq!(error_of::<LogLevel>([5]), "unknown tag 5 in LogLevel");
    assert_eq!(error_of::<Method>([10]), "unknown tag 10 in Method");
    assert_eq!(error_of::<HeaderName>([255]), "unknown tag 255 in HeaderName");
    assert_eq!(error_of::<bool>([2]), "unknown tag 2 in bool");
    assert_eq!(error_of::<Option<u8>>([2, 0]), "unknown tag 2 in Option");
    assert_eq!(error_of::<Result<u8, u8>>([2, 0]), "unknown tag 2 in Result");
    assert_eq!(error_of::<u32>([1]), "3 bytes are missing at the least");
    assert_eq!(error_of::<u32>([0; 9]), "5 bytes too many");
    assert_eq!(error_of::<String>(b"\x05\0\0\0ab"), "3 bytes are missing at the least");
    assert_eq!(error_of::<String>(b"\x02\0\0\0a\xff"), "text is not UTF-8");
    assert_eq!(error_of::<Method>(b"\0\x03\0\0\0A B"), "\"A B\" is no method");
    assert_eq!(error_of::<Method>(b"\0\0\0\0\0"), "\"\" is no method");
    assert_eq!(error_of::<HeaderName>(b"\0\x03\0\0\0a\nb"), "\"a\\nb\" is no header name");
    assert_eq!(error_of::<HeaderName>(b"\0\0\0\0\0"), "\"\" is no header name");
    let value = error_of::<HeaderMap>(b"\x01\0\0\0\0\x03\0\0\0x-a\x03\0\0\0a\r\n");
    assert_eq!(value, "the value of the header \"x-a\" has a byte that may not be in it");
}

/// An error is a line of a log.
#[test]
fn an_error_is_short_whatever_was_sent() {
    let name = [&b"\0\0\0\x01\0"[..], &vec![b'\n'; 1 << 16]].concat();
    assert!(error_of::<HeaderName>(&name).len() < 200 && error_of::<Method>(&name).len() < 200);
    let header = [&b"\x01\0\0\0\0\xff\x7f\0\0"[..], &vec![b'a'; 0x7fff], b"\x01\0\0\0\n"].concat();
    let error = error_of::<HeaderMap>(header);
    assert!(error.contains("has a byte") && error.len() < 200, "{error:.300}");
}

#[test]
fn there_are_no_more_headers_than_may_be() {
    let headers = |count: usize| [&(count as u32).to_le_bytes()[..], &b"\x01\0\0\0\0".repeat(count)].concat();
    assert_eq!(read::<HeaderMap>(headers(HEADERS_MAX)).map(|headers| headers.len()), Ok(HEADERS_MAX));
    assert_eq!(error_of::<HeaderMap>(headers(HEADERS_MAX + 1)), "2049 headers are more than 2048");
}

/// So that nothing is reserved for them.
#[test]
fn there_are_no_more_items_than_bytes() {
    let count = u32::MAX.to_le_bytes();
    let missing = |of_each: usize| format!("{} bytes are missing at the least", u32::MAX as usize * of_each);
    assert_eq!(error_of::<HeaderMap>(count), missing(5));
    assert_eq!(error_of::<Vec<String>>(count), missing(4));
    assert_eq!(error_of::<Vec<Entrypoint>>(count), missing(8));
    assert_eq!(error_of::<Vec<EventKind>>(count), missing(1));
    assert_eq!(error_of::<Vec<u8>>(b"\x04\0\0\0abc"), "1 bytes are missing at the least");
}

#[test]
fn nothing_is_passed_through_towards_an_isolate() {
    let body = || Body::Passthrough { inbound: 1 };
    let request = RequestHead { method: Method::GET, url: String::new(), headers: HeaderMap::new() };
    let event = Event::Fetch(FetchEvent { handler: Handler::DEFAULT, request, body: body(), cf: None });
    let bytes = written(&FromIsolate::Returned { id: 1, event });
    assert_eq!(read::<FromIsolate>(bytes).err(), Some(WireError::Passthrough));
    for message in samples::to_isolate() {
        if let ToIsolate::Subresponse { id, result: Ok(subresponse) } = message {
            let result = Ok(Subresponse { body: body(), ..subresponse });
            assert_eq!(read::<ToIsolate>(written(&ToIsolate::Subresponse { id, result })).err(), Some(WireError::Passthrough));
        }
    }
}
