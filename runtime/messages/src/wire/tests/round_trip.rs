use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use super::{check_whole, read, samples, written};
use crate::wire::value::Value;
use crate::wire::{
    HEADERS_MAX, WireError, header_names, read_from_isolate, read_to_isolate, write_from_isolate, write_to_isolate,
};
use crate::{Body, EventKind, FromIsolate, Outcome, ToIsolate};

/// The samples are read as they were written, and there is one for each tag that is known. (The compiler sees to it that each variant has one.)
fn check_all<T: Value + Debug>(samples: &[T]) {
    let tags: BTreeSet<_> = samples.iter().filter_map(|sample| check_whole(sample).first().copied()).collect();
    let is_known =
        |tag: &u8| !matches!(read::<T>(vec![*tag]), Err(WireError::UnknownTag { tag: unknown, .. }) if unknown == *tag);
    let known: BTreeSet<_> = (0..=u8::MAX).filter(is_known).collect();
    assert_eq!(tags, known, "tags of samples, tags that are known");
}

#[test]
fn all_messages_come_back() {
    check_all(&samples::to_isolate());
    check_all(&samples::from_isolate());
}

#[test]
fn all_that_is_in_messages_comes_back() {
    check_all(&samples::bodies());
    check_all(&samples::socket_messages());
    check_all(&samples::methods());
    check_all(&samples::failure_kinds().collect::<Vec<_>>());
    check_all(&samples::log_levels().collect::<Vec<_>>());
    check_all(&samples::redirect_modes().collect::<Vec<_>>());
    check_all(&samples::fetch_error_kinds().collect::<Vec<_>>());
    check_all(&EventKind::ALL);
    check_all(&samples::events());
    check_all(&samples::targets());
    check_all(&[true, false]);
    check_all(&[None, Some(Arc::<str>::from("ü"))]);
}

#[test]
fn a_message_goes_behind_what_is_there() -> Result<(), WireError> {
    let mut out = b"head".to_vec();
    write_to_isolate(&ToIsolate::Cancel { id: 0x0102_0304 }, &mut out);
    assert_eq!(out, b"head\x01\x04\x03\x02\x01");
    assert!(matches!(read_to_isolate(out.split_off(4).into())?, ToIsolate::Cancel { id: 0x0102_0304 }));
    write_from_isolate(&FromIsolate::Ended, &mut out);
    assert_eq!(out, b"head\x10");
    assert!(matches!(read_from_isolate(out.split_off(4).into())?, FromIsolate::Ended));
    Ok(())
}

#[test]
fn every_status_comes_back_and_no_other_number() {
    for number in 0..=u16::MAX {
        let expected = StatusCode::from_u16(number).map_err(|_| WireError::Status(number));
        assert_eq!(read(written(&number)), expected);
    }
}

#[test]
fn a_duration_is_cut_at_what_fits() -> Result<(), WireError> {
    let outcome: Outcome =
        read(written(&Outcome { cpu: Duration::MAX, wall: Duration::from_nanos(u64::MAX), has_timers: false }))?;
    assert_eq!((outcome.cpu, outcome.wall), (Duration::from_nanos(u64::MAX), Duration::from_nanos(u64::MAX)));
    Ok(())
}

#[test]
fn headers_keep_their_order_and_lose_the_flag() -> Result<(), WireError> {
    let mut headers = samples::headers();
    headers.iter_mut().for_each(|(_, value)| value.set_sensitive(true));
    let again: HeaderMap = read(written(&headers))?;
    assert_eq!(again.get_all("set-cookie").iter().collect::<Vec<_>>(), ["b=1", "a=2", "b=1"]);
    assert_eq!(again.get_all("x-own").iter().collect::<Vec<_>>(), ["1", "0"]);
    assert_eq!(again, headers);
    assert!(again.values().all(|value| !value.is_sensitive()));
    Ok(())
}

/// A sender may mix them: what is read has those of one name together.
#[test]
fn names_that_are_mixed_are_put_together() -> Result<(), WireError> {
    let pairs = [("etag", "1"), ("x-a", "2"), ("etag", "3"), ("x-a", "4")];
    let mut bytes = written(&4_u32).to_vec();
    for (name, value) in pairs {
        HeaderName::from_static(name).write(&mut bytes);
        value.to_owned().write(&mut bytes);
    }
    let headers: HeaderMap = read(bytes)?;
    let order: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    assert_eq!(order, [("etag", &b"1"[..]), ("etag", b"3"), ("x-a", b"2"), ("x-a", b"4")]);
    assert_eq!(read::<HeaderMap>(written(&headers))?, headers);
    Ok(())
}

#[test]
fn as_many_headers_as_may_be_come_back() -> Result<(), WireError> {
    let name = |index: usize| HeaderName::try_from(format!("x-{index}")).expect("a name");
    let headers: HeaderMap = (0..HEADERS_MAX).map(|index| (name(index), HeaderValue::from(index))).collect();
    assert_eq!(read::<HeaderMap>(written(&headers))?, headers);
    let same: HeaderMap = (0..HEADERS_MAX).map(|index| (name(1), HeaderValue::from(index))).collect();
    assert_eq!(read::<HeaderMap>(written(&same))?, same);
    Ok(())
}

#[test]
fn a_name_with_a_number_takes_one_byte() -> Result<(), WireError> {
    for id in 1..=u8::MAX {
        let Some(name) = header_names::name_of(id) else { continue };
        assert_eq!(written(&name), [id][..], "{name}");
        assert_eq!(read::<HeaderName>(vec![id])?, name);
    }
    for name in ["accept", "cf-connecting-ip", "cookie", "content-type", "host", "user-agent", "x-forwarded-for"] {
        assert_eq!(written(&HeaderName::from_static(name)).len(), 1, "{name}");
    }
    assert_eq!(written(&HeaderName::from_static("x-own")), b"\0\x05\0\0\0x-own"[..]);
    Ok(())
}

#[test]
fn a_usual_method_takes_one_byte() {
    assert_eq!(written(&Method::GET).len(), 1);
    assert_eq!(written(&Method::TRACE).len(), 1);
}

/// Their memory is the message's.
#[test]
fn bodies_chunks_and_values_are_not_copied() -> Result<(), WireError> {
    let is_within = |part: &[u8], whole: &Bytes| whole.as_ptr_range().contains(&part.as_ptr());
    let bytes = written(&Body::Full(Bytes::from_static(b"a body")));
    assert!(matches!(read(bytes.clone())?, Body::Full(body) if is_within(&body, &bytes)));
    let bytes = written(&ToIsolate::InboundChunk { stream: 1, bytes: Bytes::from_static(b"a chunk") });
    assert!(matches!(read(bytes.clone())?, ToIsolate::InboundChunk { bytes: chunk, .. } if is_within(&chunk, &bytes)));
    let bytes = written(&samples::headers());
    let headers: HeaderMap = read(bytes.clone())?;
    assert!(headers.values().all(|value| value.is_empty() || is_within(value.as_bytes(), &bytes)));
    Ok(())
}
