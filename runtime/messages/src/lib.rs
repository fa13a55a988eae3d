//! What passes between the node and an isolate, as plain data.
//!
//! Owns: the messages in both directions, their ids and their flow-control rules.
//! Refuses: V8, sockets, channels. Nothing here borrows or points at memory of the other side, so the same messages work within
//! a process and across a process boundary.
//!
//! ```text
//!   node (front)  -- ToIsolate   -->  isolate thread
//!                 <-- FromIsolate --
//! ```
//!
//! Flow control: a stream moves only against credit. The reader grants bytes with `Credit`; the writer never has more than the
//! granted bytes under way. Streams towards the isolate start with no credit at all, so that a body nobody reads is never
//! moved, and one that is passed on untouched ([`Body::Passthrough`]) can be spliced by the front without crossing over.
//!
//! Ids are chosen by the side that starts the thing, are unique within one isolate and never used again.

#![forbid(unsafe_code)]

mod event;
mod http_types;
mod object;
mod object_ids;
mod object_socket;
mod outcome;
mod pages;
mod socket;
mod subrequest;
pub mod wire;

pub use event::{AlarmEvent, Event, EventKind, FetchEvent, Handler, RpcEvent};
pub use http_types::{Body, RequestHead, ResponseHead};
pub use object::{ObjectCommit, ObjectEvent, ObjectFile, ObjectId, ObjectRecall, Recall};
pub use object_ids::{Jurisdiction, ObjectIds, object_id_of_text, text_of_object_id};
pub use object_socket::{
    ATTACHMENT_BYTES_MAX, ATTACHMENTS_BYTES_MAX, AUTO_RESPONSE_CHARS_MAX, AutoResponse, HeldSocket, OBJECT_SOCKETS_MAX,
    ObjectSocketAction, SOCKET_TAG_CHARS_MAX, SOCKET_TAGS_MAX, SocketEvent,
};
pub use outcome::{Failure, FailureKind, LogLevel, LogLine, Outcome};
pub use pages::{PAGE_BYTES, Page, PageSet};
pub use socket::SocketMessage;
pub use subrequest::{FetchError, FetchErrorKind, RedirectMode, Subrequest, Subresponse, Target};

use bytes::Bytes;

/// An event under way in an isolate. Chosen by the front.
pub type EventId = u32;
/// A byte stream towards the isolate (request body, subrequest's response body). Chosen by the front.
pub type InboundId = u32;
/// A byte stream out of the isolate (response body, subrequest's request body). Chosen by the isolate.
pub type OutboundId = u32;
/// An outgoing request of worker code. Chosen by the isolate.
pub type SubrequestId = u32;
/// A WebSocket whose far end is on the network. Chosen by the isolate.
pub type SocketId = u32;

/// Bytes of an outbound stream that may be under way before the reader must grant more.
pub const OUTBOUND_WINDOW_BYTES: u32 = 256 * 1024;
/// Bytes the isolate asks for at a time from an inbound stream.
pub const INBOUND_WINDOW_BYTES: u32 = 256 * 1024;

/// Bytes of WebSocket messages that may wait in an isolate before the network is read no further.
pub const SOCKET_WINDOW_BYTES: u32 = 1024 * 1024;

/// From the node to an isolate.
#[derive(Debug)]
pub enum ToIsolate {
    /// Something happened that the worker handles.
    Event { id: EventId, event: Event },
    /// Nobody waits for this event's answer any more (the client went away).
    Cancel { id: EventId },
    /// The next bytes of an inbound stream; never more than was granted.
    InboundChunk { stream: InboundId, bytes: Bytes },
    /// The inbound stream is complete, or broke off with a reason.
    InboundEnd { stream: InboundId, error: Option<String> },
    /// The reader of an outbound stream is ready for this many bytes more.
    OutboundCredit { stream: OutboundId, bytes: u32 },
    /// The reader of an outbound stream is gone.
    OutboundStop { stream: OutboundId },
    /// The answer to a subrequest.
    Subresponse { id: SubrequestId, result: Result<Subresponse, FetchError> },
    /// A message from the network on a WebSocket.
    Socket { socket: SocketId, message: SocketMessage },
    /// The object's commits up to this number are safe.
    ObjectDurable { object: EventId, number: u64 },
    /// WebSockets that the object has had since before it lived in the isolate, in parts, before the event that it is.
    ObjectSockets { object: EventId, sockets: Vec<HeldSocket>, auto_response: Option<AutoResponse> },
    /// The node has answered on a WebSocket of the object by itself.
    AutoResponded { object: EventId, number: u32, at_ms: u64 },
    /// The bookmark that an object has asked for, or why there is none.
    ObjectRecalled { object: EventId, id: u32, result: Result<String, String> },
    /// Take no more events, finish what runs, then end the isolate.
    Retire,
}

/// From an isolate to the node.
#[derive(Debug)]
pub enum FromIsolate {
    /// The worker's global scope has run: events may come. Named are the exported entrypoints and their handlers.
    Ready { entrypoints: Vec<Entrypoint> },
    /// The worker could not be started; the isolate ends.
    StartFailed { failure: Failure },
    /// The head of an event's answer, and where its body is.
    Response { event: EventId, head: ResponseHead, body: Body },
    /// The event failed before an answer was given. With `pass_through` the worker asked for its origin to answer instead.
    Failed { event: EventId, failure: Failure, pass_through: bool },
    /// All work of an event is done, `waitUntil` included.
    Done { event: EventId, outcome: Outcome },
    /// The isolate is ready for this many bytes more of an inbound stream.
    InboundCredit { stream: InboundId, bytes: u32 },
    /// The isolate does not want the rest of an inbound stream.
    InboundStop { stream: InboundId },
    /// The next bytes of an outbound stream; never more than was granted.
    OutboundChunk { stream: OutboundId, bytes: Bytes },
    /// The outbound stream is complete, or broke off with a reason.
    OutboundEnd { stream: OutboundId, error: Option<String> },
    /// Worker code makes a request.
    Subrequest { id: SubrequestId, event: Option<EventId>, request: Subrequest },
    /// Worker code calls methods of another isolate, over this socket. It may be used at once. `first` is the session's first message.
    Rpc { socket: SocketId, event: Option<EventId>, target: Target, first: Bytes },
    /// An object has written. What it says from now on may depend on it, and must not get out before it is safe.
    ObjectCommit(ObjectCommit),
    /// An object says something of a WebSocket that it has accepted.
    ObjectSocket { object: EventId, number: u32, action: ObjectSocketAction },
    /// What is answered by the node itself on an object's WebSockets from now on.
    AutoResponse { object: EventId, pair: Option<AutoResponse> },
    /// An object asks about its past.
    ObjectRecall(ObjectRecall),
    /// Worker code does not want the answer to this subrequest any more.
    SubrequestCancel { id: SubrequestId },
    /// A message for the network on a WebSocket.
    Socket { socket: SocketId, message: SocketMessage },
    /// Worker code wants the messages of a WebSocket that an answer has opened for it; before, and if it passes the socket on in an answer
    /// of its own, none comes here.
    SocketListen { socket: SocketId },
    /// A line the worker logged.
    Log { event: Option<EventId>, line: LogLine },
    /// The isolate ends: no event may be sent to it any more.
    Ending,
    /// An event that the isolate has not begun before its end. Another may take it.
    Returned { id: EventId, event: Event },
    /// The isolate is in a native operation that cannot be stopped, and has used up what it may: it counts as ended. `Ended` follows when the
    /// operation is through.
    Stuck { failure: Failure },
    /// The isolate has ended and its thread with it; events that had no answer get none.
    Ended,
}

/// An exported entrypoint of a worker: its name (`default` for the default export) and the handlers it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entrypoint {
    pub name: String,
    pub handlers: Vec<EventKind>,
}
