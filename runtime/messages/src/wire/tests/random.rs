//! Messages that are made by chance, and bytes that are changed by chance.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use super::{read, samples, written};
use crate::wire::header_names;
use crate::wire::value::Value;
use crate::{
    Body, Entrypoint, Event, EventKind, Failure, FetchError, FetchEvent, FromIsolate, Handler, LogLine, ObjectRecall, Outcome,
    RequestHead, ResponseHead, SocketMessage, Subrequest, Subresponse, ToIsolate,
};

const MESSAGES: u32 = 4_000;

#[test]
fn messages_towards_isolates_come_back() {
    check(Chance::inbound);
}

#[test]
fn messages_of_isolates_come_back() {
    check(Chance::outbound);
}

fn check<T: Value + std::fmt::Debug>(make: fn(&mut Chance) -> T) {
    let mut chance = Chance(7);
    for _ in 0..MESSAGES {
        let message = make(&mut chance);
        let bytes = written(&message);
        let again: T = read(bytes.clone()).unwrap_or_else(|error| panic!("{message:?}: {error}"));
        assert_eq!(format!("{again:?}"), format!("{message:?}"));
        assert_eq!(written(&again), bytes, "{message:?}");
        // Whatever becomes of it, it is read to the end or refused.
        let mut changed = bytes.to_vec();
        for _ in 0..=chance.below(3) {
            let at = chance.below(changed.len());
            changed[at] = chance.next() as u8;
        }
        if let Ok(other) = read::<T>(changed) {
            let bytes = written(&other);
            let again: T = read(bytes.clone()).unwrap_or_else(|error| panic!("{other:?}: {error}"));
            assert_eq!(written(&again), bytes, "{other:?}");
        }
    }
}

/// SplitMix64.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn is(&mut self) -> bool {
        self.below(2) == 0
    }

    fn id(&mut self) -> u32 {
        self.next() as u32
    }

    fn one_of<T: Clone>(&mut self, all: impl IntoIterator<Item = T>) -> T {
        let all: Vec<T> = all.into_iter().collect();
        all[self.below(all.len())].clone()
    }

    fn maybe<T>(&mut self, make: fn(&mut Self) -> T) -> Option<T> {
        self.is().then(|| make(self))
    }

    fn some<T>(&mut self, count_max: usize, make: fn(&mut Self) -> T) -> Vec<T> {
        (0..self.below(count_max + 1)).map(|_| make(self)).collect()
    }

    fn bytes(&mut self) -> Bytes {
        self.some(40, |chance| chance.next() as u8).into()
    }

    fn text(&mut self) -> String {
        self.some(30, |chance| chance.one_of(['a', '/', '\0', '"', 'é', '\u{202e}', '\u{10ffff}'])).into_iter().collect()
    }

    fn duration(&mut self) -> Duration {
        let bits = self.below(64);
        Duration::from_nanos(self.next() >> bits)
    }

    fn header_name(&mut self) -> HeaderName {
        if let Some(name) = header_names::name_of(self.next() as u8) {
            return name;
        }
        let text: String = self.some(80, |chance| chance.one_of("az-_09!~".chars())).into_iter().collect();
        HeaderName::try_from(format!("x{text}")).expect("a name")
    }

    fn headers(&mut self) -> HeaderMap {
        let names = self.some(6, Self::header_name);
        let mut headers = HeaderMap::new();
        for _ in 0..self.below(12) {
            let Some(name) = (!names.is_empty()).then(|| self.one_of(names.clone())) else { break };
            let value = self.some(20, |chance| chance.one_of(*b"a \t;=\"\x80\xff"));
            headers.append(name, HeaderValue::from_bytes(&value).expect("a value"));
        }
        headers
    }

    fn request(&mut self) -> RequestHead {
        RequestHead { method: self.method(), url: self.text(), headers: self.headers() }
    }

    fn method(&mut self) -> Method {
        self.one_of(samples::methods())
    }

    fn response(&mut self) -> ResponseHead {
        ResponseHead {
            status: StatusCode::from_u16(100 + self.below(900) as u16).expect("a status"),
            status_text: self.text(),
            headers: self.headers(),
            socket: self.maybe(Self::id),
            encoded: self.is(),
        }
    }

    fn body(&mut self) -> Body {
        match self.below(4) {
            0 => Body::Passthrough { inbound: self.id() },
            _ => self.body_towards_isolate(),
        }
    }

    fn body_towards_isolate(&mut self) -> Body {
        match self.below(3) {
            0 => Body::Empty,
            1 => Body::Full(self.bytes()),
            _ => Body::Stream { id: self.id(), length: self.maybe(Self::next) },
        }
    }

    fn event(&mut self) -> Event {
        if self.below(3) == 0 {
            let mut all = samples::events();
            let at = self.below(all.len());
            return all.swap_remove(at);
        }
        Event::Fetch(FetchEvent {
            handler: Handler::Entrypoint { name: self.maybe(Self::text), props: self.maybe(Self::text).map(Into::into) },
            request: self.request(),
            body: self.body_towards_isolate(),
            cf: self.maybe(Self::text).map(Into::into),
        })
    }

    fn socket_message(&mut self) -> SocketMessage {
        match self.below(6) {
            0 => SocketMessage::Text(self.text()),
            1 => SocketMessage::Binary(self.bytes()),
            2 => SocketMessage::Close { code: self.next() as u16, reason: self.text() },
            3 => SocketMessage::Error { message: self.text() },
            4 => {
                let kind = self.one_of(samples::fetch_error_kinds());
                SocketMessage::Failed(FetchError { kind, message: self.text() })
            }
            _ => SocketMessage::Credit { bytes: self.id() },
        }
    }

    fn failure(&mut self) -> Failure {
        Failure { kind: self.one_of(samples::failure_kinds()), message: self.text(), stack: self.maybe(Self::text) }
    }

    fn entrypoint(&mut self) -> Entrypoint {
        Entrypoint { name: self.text(), handlers: self.some(3, |_| EventKind::Fetch) }
    }

    fn subresponse(&mut self) -> Subresponse {
        Subresponse { head: self.response(), body: self.body_towards_isolate(), redirected_to: self.some(3, Self::text) }
    }

    fn inbound(&mut self) -> ToIsolate {
        match self.below(13) {
            0 => ToIsolate::Event { id: self.id(), event: self.event() },
            1 => ToIsolate::Cancel { id: self.id() },
            2 => ToIsolate::InboundChunk { stream: self.id(), bytes: self.bytes() },
            3 => ToIsolate::InboundEnd { stream: self.id(), error: self.maybe(Self::text) },
            4 => ToIsolate::OutboundCredit { stream: self.id(), bytes: self.id() },
            5 => ToIsolate::OutboundStop { stream: self.id() },
            6 if self.is() => ToIsolate::Subresponse { id: self.id(), result: Ok(self.subresponse()) },
            6 => {
                let error = FetchError { kind: self.one_of(samples::fetch_error_kinds()), message: self.text() };
                ToIsolate::Subresponse { id: self.id(), result: Err(error) }
            }
            7 => ToIsolate::Socket { socket: self.id(), message: self.socket_message() },
            8 => ToIsolate::ObjectDurable { object: self.id(), number: self.next() },
            9 => ToIsolate::AutoResponded { object: self.id(), number: self.id(), at_ms: self.next() },
            10 => ToIsolate::ObjectSockets {
                object: self.id(),
                sockets: samples::held_sockets(),
                auto_response: self.is().then(samples::auto_response),
            },
            11 => {
                let result = if self.is() { Ok(self.text()) } else { Err(self.text()) };
                ToIsolate::ObjectRecalled { object: self.id(), id: self.id(), result }
            }
            _ => ToIsolate::Retire,
        }
    }

    fn outbound(&mut self) -> FromIsolate {
        match self.below(23) {
            0 => FromIsolate::Ready { entrypoints: self.some(4, Self::entrypoint) },
            1 => FromIsolate::StartFailed { failure: self.failure() },
            2 => FromIsolate::Response { event: self.id(), head: self.response(), body: self.body() },
            3 => FromIsolate::Failed { event: self.id(), failure: self.failure(), pass_through: self.is() },
            4 => {
                let outcome = Outcome { cpu: self.duration(), wall: self.duration(), has_timers: self.is() };
                FromIsolate::Done { event: self.id(), outcome }
            }
            5 => FromIsolate::InboundCredit { stream: self.id(), bytes: self.id() },
            6 => FromIsolate::InboundStop { stream: self.id() },
            7 => FromIsolate::OutboundChunk { stream: self.id(), bytes: self.bytes() },
            8 => FromIsolate::OutboundEnd { stream: self.id(), error: self.maybe(Self::text) },
            9 => {
                let redirect = self.one_of(samples::redirect_modes());
                let target = self.one_of(samples::targets());
                let (head, body) = (self.request(), self.body());
                let request = Subrequest { target, head, body, redirect, socket: self.maybe(Self::id) };
                FromIsolate::Subrequest { id: self.id(), event: self.maybe(Self::id), request }
            }
            10 => FromIsolate::SubrequestCancel { id: self.id() },
            11 => FromIsolate::Socket { socket: self.id(), message: self.socket_message() },
            12 => {
                let line = LogLine { level: self.one_of(samples::log_levels()), text: self.text() };
                FromIsolate::Log { event: self.maybe(Self::id), line }
            }
            13 => FromIsolate::Ending,
            21 => FromIsolate::SocketListen { socket: self.id() },
            14 => FromIsolate::Returned { id: self.id(), event: self.event() },
            19 => FromIsolate::ObjectSocket {
                object: self.id(),
                number: self.id(),
                action: self.one_of(samples::object_socket_actions()),
            },
            20 => FromIsolate::AutoResponse { object: self.id(), pair: self.is().then(samples::auto_response) },
            17 => FromIsolate::Rpc {
                socket: self.id(),
                event: self.maybe(Self::id),
                target: self.one_of(samples::targets()),
                first: self.bytes(),
            },
            18 => FromIsolate::ObjectCommit(self.one_of(samples::object_commits())),
            22 => {
                let question = self.one_of(samples::recalls());
                FromIsolate::ObjectRecall(ObjectRecall { object: self.id(), id: self.id(), question })
            }
            15 => FromIsolate::Stuck { failure: self.failure() },
            _ => FromIsolate::Ended,
        }
    }
}
