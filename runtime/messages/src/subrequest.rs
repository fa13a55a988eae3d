use crate::{Body, ObjectId, RequestHead, ResponseHead, SocketId};

/// A request that worker code makes.
#[derive(Debug)]
pub struct Subrequest {
    pub target: Target,
    pub head: RequestHead,
    pub body: Body,
    pub redirect: RedirectMode,
    /// With an `Upgrade: websocket` request: the id of the socket that a 101 answer opens.
    pub socket: Option<SocketId>,
}

/// Who is to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Whoever has the URL's host.
    Network,
    /// A worker, by the place of its binding among the services of the code.
    Service(u32),
    /// An entrypoint of the version that asks (`ctx.exports`).
    Own {
        /// `None` is the default export.
        entrypoint: Option<String>,
        /// `ctx.props` there, as the text of a JSON object.
        props: Option<String>,
    },
    /// A Durable Object.
    Object {
        /// By the place of its binding among the objects of the code; behind them come the classes of its own.
        binding: u32,
        id: ObjectId,
        /// Where the id was made from it.
        name: Option<String>,
    },
}

/// What happens on a redirect status (Fetch standard, "redirect mode").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedirectMode {
    Follow,
    Error,
    Manual,
}

/// The answer to a subrequest.
#[derive(Debug)]
pub struct Subresponse {
    pub head: ResponseHead,
    pub body: Body,
    /// The URLs that redirects led through, the last one answered; empty where the first did.
    pub redirected_to: Vec<String>,
}

/// Why a subrequest has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FetchError {
    pub kind: FetchErrorKind,
    pub message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchErrorKind {
    /// The URL or a header cannot be sent.
    Request,
    /// The address is not one that workers may reach.
    Forbidden,
    /// The name does not resolve, or no connection could be made.
    Connect,
    /// The connection broke, or what came over it was not HTTP.
    Protocol,
    /// A redirect that the mode forbids, or too many of them.
    Redirect,
    /// The worker that a binding leads to cannot answer.
    Service,
    /// It threw: its error's name and message.
    Exception,
    /// The Durable Object was reset because of what its code did: as for an exception.
    Reset,
    /// The worker's isolate has ended, and the same request may succeed in another.
    Ended,
    /// The same of a Durable Object, which is made again.
    Moved,
    /// There are too many requests already.
    Overloaded,
}

impl FetchErrorKind {
    /// It was thrown where the request went.
    pub const REMOTE: u16 = 1;
    /// What failed may succeed if it is tried again.
    pub const RETRYABLE: u16 = 2;
    pub const OVERLOADED: u16 = 4;
    /// What the object had in memory is gone.
    pub const OBJECT_RESET: u16 = 8;

    /// What worker code is told of an error besides its message
    /// (<https://developers.cloudflare.com/durable-objects/best-practices/error-handling/>).
    pub fn flags(self) -> u16 {
        match self {
            Self::Request | Self::Forbidden | Self::Connect | Self::Protocol | Self::Redirect | Self::Service => 0,
            Self::Exception => Self::REMOTE,
            Self::Reset => Self::REMOTE | Self::OBJECT_RESET,
            Self::Ended => Self::RETRYABLE,
            Self::Moved => Self::RETRYABLE | Self::OBJECT_RESET,
            Self::Overloaded => Self::OVERLOADED,
        }
    }
}
