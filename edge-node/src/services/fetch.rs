//! A request of one worker that another answers.

use std::sync::Arc;

use http::header::CONTENT_LENGTH;
use http::{HeaderMap, StatusCode};
use skerry_runtime::messages::{
    Body, Event, FetchError, FetchEvent, Handler, RedirectMode, RequestHead, ResponseHead, Subrequest, Subresponse,
};

use super::{Callee, error_of, refused};
use crate::body::{WatchedBody, strip_internal};
use crate::call::{Called, Unanswered};
use crate::coding::Coding;
use crate::egress::parse_url;
use crate::egress::redirect::{Outgoing, OutgoingBody, Redirecting, Redirects};
use crate::error::ServeError;
use crate::exchange::{Answer, EventGuard, Exchange, SocketEnd};

/// A subrequest with what it needs of the caller's isolate in hand.
pub(super) struct Call {
    head: RequestHead,
    body: OutgoingBody,
    redirect: RedirectMode,
    socket: Option<SocketEnd>,
}

impl Call {
    pub fn of(exchange: &Arc<Exchange>, request: Subrequest) -> Self {
        let Subrequest { target: _, head, body, redirect, socket } = request;
        let socket = socket.map(|socket| SocketEnd::of_attempt(exchange, socket));
        Self { head, body: OutgoingBody::of(exchange.take_body(body)), redirect, socket }
    }
}

/// An answer, and its event.
struct Reply {
    answer: Answer,
    guard: EventGuard,
}

impl Redirecting for Reply {
    fn status(&self) -> StatusCode {
        self.answer.head.status
    }

    fn headers(&self) -> &HeaderMap {
        &self.answer.head.headers
    }
}

pub(super) async fn run(exchange: &Arc<Exchange>, mut callee: Callee, hops: u8, call: Call) -> Result<Subresponse, FetchError> {
    let Call { head: RequestHead { method, url, mut headers }, body, redirect, socket } = call;
    strip_internal(&mut headers);
    let mut outgoing = Outgoing { method, url: parse_url(&url)?, headers, body };
    let mut redirects = Redirects::new(redirect);
    // As worker code wrote it, until a redirect leads elsewhere.
    let mut url = url;
    let Reply { answer, guard } = loop {
        let reply = send(&mut callee, hops, url, &mut outgoing).await?;
        if !redirects.lead_on(&mut outgoing, &reply)? {
            break reply;
        }
        url = outgoing.url.to_string();
    };
    let redirected_to = redirects.followed;
    let Answer { head, body, socket: opened } = answer;
    let mut head = ResponseHead { socket: None, ..head };
    strip_internal(&mut head.headers);
    match (opened, socket) {
        (Some(theirs), Some(ours)) => {
            head.socket = Some(exchange.socket_opened(ours, theirs));
            guard.complete();
            Ok(Subresponse { head, body: Body::Empty, redirected_to })
        }
        (Some(_), None) => Err(refused(
            "The worker answered with a WebSocket, but the request did not ask for one (Upgrade: websocket)".to_owned(),
        )),
        (None, _) => {
            // What a worker has encoded itself is read decoded, as from a server.
            let coding = if head.encoded { Coding::of(&head.headers) } else { None };
            head.encoded = false;
            let body = match body.into_body() {
                Some(body) => exchange.announce(WatchedBody::new(body, guard), coding),
                None => {
                    guard.complete();
                    Body::Empty
                }
            };
            Ok(Subresponse { head, body, redirected_to })
        }
    }
}

async fn send(callee: &mut Callee, hops: u8, url: String, outgoing: &mut Outgoing) -> Result<Reply, FetchError> {
    let body = outgoing.take_body()?;
    let (method, headers) = (outgoing.method.clone(), outgoing.headers.clone());
    let path = outgoing.url.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let announced = headers.contains_key(CONTENT_LENGTH);
    let make = |exchange: &Arc<Exchange>, handler: Handler| {
        let body = match exchange.announce(body, None) {
            Body::Empty if announced => Body::Full(bytes::Bytes::new()),
            body => body,
        };
        let request = RequestHead { method, url, headers };
        Event::Fetch(FetchEvent { handler, request, body, cf: None })
    };
    let Called { guard, outcome } = callee.call(path, hops, make).await.map_err(|error| error_of(&error))?;
    let observer = callee.worker().observer();
    match outcome {
        Ok(answer) => {
            observer.answered(false, false);
            Ok(Reply { answer, guard })
        }
        Err(Unanswered { failure, .. }) => {
            guard.complete();
            let error = ServeError::Worker(failure);
            observer.answered(error.is_the_versions_own(), false);
            Err(callee.unanswered(&error))
        }
    }
}
