//! A message of each kind, and of each kind of what is in them.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use crate::{
    AlarmEvent, AutoResponse, Body, Entrypoint, Event, EventKind, Failure, FailureKind, FetchError, FetchErrorKind, FetchEvent,
    FromIsolate, Handler, HeldSocket, LogLevel, LogLine, ObjectCommit, ObjectEvent, ObjectFile, ObjectRecall, ObjectSocketAction,
    Outcome, PAGE_BYTES, Page, PageSet, Recall, RedirectMode, RequestHead, ResponseHead, RpcEvent, SocketEvent, SocketMessage,
    Subrequest, Subresponse, Target, ToIsolate,
};

pub fn to_isolate() -> Vec<ToIsolate> {
    let mut all = vec![
        ToIsolate::Cancel { id: 0x0102_0304 },
        ToIsolate::InboundChunk { stream: 3, bytes: Bytes::from_static(b"\0\xff chunk") },
        ToIsolate::InboundChunk { stream: u32::MAX, bytes: Bytes::new() },
        ToIsolate::InboundEnd { stream: 4, error: None },
        ToIsolate::InboundEnd { stream: 5, error: Some("the connection broke: é".to_owned()) },
        ToIsolate::OutboundCredit { stream: 6, bytes: u32::MAX },
        ToIsolate::OutboundStop { stream: 7 },
        ToIsolate::Retire,
        ToIsolate::ObjectDurable { object: 8, number: u64::MAX },
        ToIsolate::ObjectSockets { object: 9, sockets: Vec::new(), auto_response: None },
        ToIsolate::ObjectSockets { object: 10, sockets: held_sockets(), auto_response: Some(auto_response()) },
        ToIsolate::AutoResponded { object: 11, number: 12, at_ms: u64::MAX },
        ToIsolate::ObjectRecalled { object: 8, id: 1, result: Ok("00000001-ab".to_owned()) },
        ToIsolate::ObjectRecalled { object: 8, id: u32::MAX, result: Err("it is forgotten".to_owned()) },
    ];
    all.extend(events().into_iter().zip(1..).map(|(event, id)| ToIsolate::Event { id, event }));
    all.extend(socket_messages().into_iter().map(|message| ToIsolate::Socket { socket: 9, message }));
    all.extend(fetch_error_kinds().map(|kind| {
        let error = FetchError { kind, message: format!("{kind:?}") };
        ToIsolate::Subresponse { id: 10, result: Err(error) }
    }));
    all.extend(bodies_towards_isolate().into_iter().map(|body| {
        let redirected_to = vec!["http://a/".to_owned(), String::new(), "http://b/".to_owned()];
        let subresponse = Subresponse { head: response_head(), body, redirected_to };
        ToIsolate::Subresponse { id: 11, result: Ok(subresponse) }
    }));
    all
}

pub fn from_isolate() -> Vec<FromIsolate> {
    let entrypoint = |name: &str, handlers: &[EventKind]| Entrypoint { name: name.to_owned(), handlers: handlers.to_vec() };
    let mut all = vec![
        FromIsolate::Ready { entrypoints: Vec::new() },
        FromIsolate::Ready { entrypoints: vec![entrypoint("default", &EventKind::ALL), entrypoint("Other", &[])] },
        FromIsolate::Done {
            event: 1,
            outcome: Outcome { cpu: Duration::from_nanos(1), wall: Duration::from_secs(3600), has_timers: true },
        },
        FromIsolate::InboundCredit { stream: 2, bytes: 65_536 },
        FromIsolate::InboundStop { stream: 3 },
        FromIsolate::OutboundChunk { stream: 4, bytes: Bytes::from_static(b"chunk") },
        FromIsolate::OutboundEnd { stream: 5, error: None },
        FromIsolate::OutboundEnd { stream: 6, error: Some(String::new()) },
        FromIsolate::SubrequestCancel { id: 7 },
        FromIsolate::SocketListen { socket: 8 },
        FromIsolate::Ending,
        FromIsolate::Ended,
    ];
    all.extend(failures().into_iter().map(|failure| FromIsolate::StartFailed { failure }));
    all.extend(failures().into_iter().map(|failure| FromIsolate::Stuck { failure }));
    all.extend([true, false].into_iter().zip(failures()).map(|(pass_through, failure)| FromIsolate::Failed {
        event: 8,
        failure,
        pass_through,
    }));
    all.extend(bodies().into_iter().map(|body| FromIsolate::Response { event: 9, head: response_head(), body }));
    all.extend(bodies().into_iter().zip(redirect_modes().cycle()).map(|(body, redirect)| {
        let request = Subrequest { target: Target::Service(2), head: request_head(Method::PUT), body, redirect, socket: Some(1) };
        FromIsolate::Subrequest { id: 10, event: None, request }
    }));
    all.push(FromIsolate::Subrequest {
        id: 11,
        event: Some(12),
        request: Subrequest {
            target: Target::Network,
            head: request_head(Method::GET),
            body: Body::Empty,
            redirect: RedirectMode::Follow,
            socket: None,
        },
    });
    all.extend(socket_messages().into_iter().map(|message| FromIsolate::Socket { socket: 13, message }));
    let first = || Bytes::from_static(b"\x01call");
    all.extend(targets().into_iter().map(|target| FromIsolate::Rpc { socket: 14, event: Some(15), target, first: first() }));
    all.extend(object_commits().into_iter().map(FromIsolate::ObjectCommit));
    all.extend(object_socket_actions().into_iter().map(|action| FromIsolate::ObjectSocket { object: 16, number: 17, action }));
    all.extend([None, Some(auto_response())].map(|pair| FromIsolate::AutoResponse { object: 18, pair }));
    all.extend(recalls().zip(1..).map(|(question, id)| FromIsolate::ObjectRecall(ObjectRecall { object: 16, id, question })));
    all.extend(log_levels().map(|level| FromIsolate::Log {
        event: (level == LogLevel::Warn).then_some(14),
        line: LogLine { level, text: "two\nlines".to_owned() },
    }));
    all.extend(events().into_iter().map(|event| FromIsolate::Returned { id: 15, event }));
    all
}

pub fn held_sockets() -> Vec<HeldSocket> {
    let tagged = HeldSocket {
        number: 3,
        tags: vec!["a".to_owned(), String::new()],
        attachment: Bytes::from_static(b"\xff\x0fI\x02"),
        answered_ms: Some(1),
        is_closing: true,
    };
    vec![HeldSocket::default(), tagged]
}

pub fn auto_response() -> AutoResponse {
    AutoResponse { request: "ping".to_owned(), response: String::new() }
}

pub fn object_socket_actions() -> Vec<ObjectSocketAction> {
    let mut all = vec![
        ObjectSocketAction::Accept { socket: 1, tags: Vec::new() },
        ObjectSocketAction::Accept { socket: 2, tags: vec!["room".to_owned()] },
        ObjectSocketAction::Attach(Bytes::new()),
        ObjectSocketAction::Attach(Bytes::from_static(b"attached")),
    ];
    all.extend(socket_messages().into_iter().map(ObjectSocketAction::Message));
    all
}

pub fn recalls() -> impl Iterator<Item = Recall> + Clone {
    let restore = Recall::RestoreNext { bookmark: "00000001-ab".to_owned() };
    [Recall::Now, Recall::At { time_ms: u64::MAX }, restore].into_iter()
}

pub fn bodies() -> Vec<Body> {
    let mut all = bodies_towards_isolate();
    all.push(Body::Passthrough { inbound: 8 });
    all
}

pub fn bodies_towards_isolate() -> Vec<Body> {
    vec![
        Body::Empty,
        Body::Full(Bytes::new()),
        Body::Full(Bytes::from_static(b"whole\xfe")),
        Body::Stream { id: 6, length: None },
        Body::Stream { id: 7, length: Some(u64::MAX) },
    ]
}

pub fn socket_messages() -> Vec<SocketMessage> {
    vec![
        SocketMessage::Text("text ü".to_owned()),
        SocketMessage::Binary(Bytes::from_static(b"\xff\0")),
        SocketMessage::Close { code: 1005, reason: "bye".to_owned() },
        SocketMessage::Error { message: "broken".to_owned() },
        SocketMessage::Credit { bytes: 5 },
        SocketMessage::Failed(FetchError { kind: FetchErrorKind::Moved, message: "it moved".to_owned() }),
    ]
}

pub fn methods() -> Vec<Method> {
    let names = ["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE", "PURGE", "M-SEARCH", "get"];
    let long = "A-METHOD-THAT-IS-NOT-SHORT".repeat(4);
    names.into_iter().chain([long.as_str()]).map(|name| name.parse().expect("a method")).collect()
}

pub fn failure_kinds() -> impl Iterator<Item = FailureKind> + Clone {
    use FailureKind::{
        BadResponse, Barred, CpuLimit, Crashed, CrashedAlone, Exception, Hung, IsolateEnded, Load, MemoryLimit, NoHandler,
        ObjectReset, TimeLimit,
    };
    let of_worker = [Exception, BadResponse, NoHandler, Hung, CpuLimit, MemoryLimit, TimeLimit];
    of_worker.into_iter().chain([IsolateEnded, Load, Crashed, CrashedAlone, Barred, ObjectReset])
}

pub fn log_levels() -> impl Iterator<Item = LogLevel> + Clone {
    [LogLevel::Debug, LogLevel::Info, LogLevel::Log, LogLevel::Warn, LogLevel::Error].into_iter()
}

pub fn redirect_modes() -> impl Iterator<Item = RedirectMode> + Clone {
    [RedirectMode::Follow, RedirectMode::Error, RedirectMode::Manual].into_iter()
}

pub fn fetch_error_kinds() -> impl Iterator<Item = FetchErrorKind> + Clone {
    use FetchErrorKind::{Connect, Ended, Exception, Forbidden, Moved, Overloaded, Protocol, Redirect, Request, Reset, Service};
    [Request, Forbidden, Connect, Protocol, Redirect, Service, Exception, Reset, Ended, Moved, Overloaded].into_iter()
}

fn failures() -> Vec<Failure> {
    let failure = |kind| Failure {
        kind,
        message: format!("Error: {kind:?}"),
        stack: (kind != FailureKind::Hung).then(|| "Error: no\n    at fetch (index.js:1:1)".to_owned()),
    };
    failure_kinds().map(failure).collect()
}

pub fn events() -> Vec<Event> {
    let fetch = |(method, body), named: bool| {
        Event::Fetch(FetchEvent {
            handler: if named { named_handler() } else { Handler::DEFAULT },
            request: request_head(method),
            body,
            cf: named.then(|| r#"{"colo":"ZRH"}"#.into()),
        })
    };
    let parts = methods().into_iter().zip(bodies_towards_isolate().into_iter().chain((0..20).map(|_| Body::Empty)));
    let fetches = parts.zip([false, true].into_iter().cycle()).map(|(parts, named)| fetch(parts, named));
    let object = |name: Option<&str>| {
        let (class, name) = ("Room".to_owned(), name.map(str::to_owned));
        Event::Object(Box::new(ObjectEvent { class, id: [7; 32], name, file: ObjectFile(None), commits: 1 << 40 }))
    };
    let others = [
        Event::Rpc(RpcEvent { handler: named_handler(), first: Bytes::new() }),
        Event::Rpc(RpcEvent { handler: Handler::Object(5), first: Bytes::from_static(b"\x01call") }),
        Event::Socket(SocketEvent { object: 6, number: 7, message: SocketMessage::Text("hello".to_owned()) }),
        Event::Alarm(AlarmEvent { object: 5, scheduled_ms: 1_700_000_000_000, retries: 2 }),
        object(None),
        object(Some("lobby")),
    ];
    fetches.chain(others).collect()
}

fn named_handler() -> Handler {
    Handler::Entrypoint { name: Some("Admin".to_owned()), props: Some(r#"{"role":"owner"}"#.into()) }
}

pub fn object_commits() -> Vec<ObjectCommit> {
    let page = |number| Page { number, bytes: Bytes::from(vec![number as u8; PAGE_BYTES]) };
    let commit = |pages: &[u32], has_more, alarm_ms| {
        let pages = PageSet { page_count: 9, pages: pages.iter().copied().map(page).collect() };
        ObjectCommit { object: 3, number: 4, pages, has_more, alarm_ms }
    };
    vec![commit(&[], false, None), commit(&[1, 9], true, Some(u64::MAX))]
}

pub fn targets() -> Vec<Target> {
    let object = |name: Option<&str>| Target::Object { binding: 1, id: [9; 32], name: name.map(str::to_owned) };
    let own = |entrypoint: Option<&str>, props: Option<&str>| Target::Own {
        entrypoint: entrypoint.map(str::to_owned),
        props: props.map(str::to_owned),
    };
    let services = [Target::Network, Target::Service(0), own(None, None), own(Some("Admin"), Some(r#"{"role":"owner"}"#))];
    services.into_iter().chain([object(None), object(Some("lobby"))]).collect()
}

fn request_head(method: Method) -> RequestHead {
    RequestHead { method, url: "http://shop.example/cart?item=%C3%BC".to_owned(), headers: headers() }
}

fn response_head() -> ResponseHead {
    ResponseHead {
        status: StatusCode::SWITCHING_PROTOCOLS,
        status_text: "Switching".to_owned(),
        headers: headers(),
        socket: Some(3),
        encoded: true,
    }
}

/// With names that have a number and others, more than one value of a name, no value at all, and bytes that are not text.
pub fn headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("set-cookie", &b"b=1"[..]),
        ("x-own", b"1"),
        ("set-cookie", b"a=2"),
        ("content-type", b"text/html"),
        ("set-cookie", b"b=1"),
        ("x-own", b"0"),
        ("x-opaque", b"\xff\xfe\t "),
        ("etag", b""),
    ] {
        headers.append(HeaderName::from_static(name), HeaderValue::from_bytes(value).expect("a value"));
    }
    headers
}
