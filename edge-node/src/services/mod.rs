//! What worker code is bound to: other workers of its account.
//!
//! Owns: who a binding leads to, and the way of a call from one isolate to another. Refuses: reading what passes: bodies and sockets of two
//! isolates are joined, and their bytes are the workers' own business.
//!
//! ```text
//!   isolate A -- Subrequest, Rpc --> services -- Event --> isolate B
//!             <----- answer, body, socket messages ------
//! ```

mod directory;
mod fetch;
mod rpc;

use std::sync::{Arc, Weak};

use skerry_runtime::messages::{EventId, FailureKind, FetchError, FetchErrorKind, Handler, SocketId, Subrequest, SubrequestId};
use skerry_runtime::{Service, WorkerCode};

pub use directory::Directory;
pub(crate) use directory::Names;

use crate::egress::HOPS_MAX;
use crate::error::ServeError;
use crate::exchange::Exchange;
use crate::worker::{Worker, WorkerOptions};

/// What the isolates of a version are bound to.
pub(crate) struct Services {
    directory: Directory,
    /// Whose workers they are.
    scope: Arc<str>,
    code: Arc<WorkerCode>,
    /// Bound to itself, a version speaks to itself.
    this: Weak<Worker>,
}

/// Whom a call is for.
pub(crate) struct Callee {
    pub worker: Arc<Worker>,
    pub handler: Handler,
    /// Workers that the request has been through then.
    pub hops: u8,
}

impl Services {
    pub fn new(options: &WorkerOptions, this: Weak<Worker>, code: Arc<WorkerCode>) -> Self {
        Self { directory: options.directory.clone(), scope: options.scope.clone(), code, this }
    }

    /// Who is behind the binding with this place, for an event of that isolate.
    fn callee(&self, exchange: &Exchange, event: Option<EventId>, place: u32) -> Result<Callee, FetchError> {
        let binding = usize::try_from(place).ok().and_then(|place| self.code.services.get(place));
        let Service { binding, service, entrypoint, props } =
            binding.ok_or_else(|| refused(format!("there is no service binding number {place}")))?;
        let hops = exchange.hops(event) + 1;
        if hops >= HOPS_MAX {
            return Err(refused(format!(
                "The request has been through {hops} workers, the last through the binding {binding}: it goes round in a loop"
            )));
        }
        let itself = if **service == *self.code.name { self.this.upgrade() } else { None };
        let worker = itself.or_else(|| self.directory.find(&self.scope, service)).ok_or_else(|| {
            refused(format!("The binding {binding} leads to the worker \"{service}\", which is not served here: deploy it first"))
        })?;
        Ok(Callee { worker, handler: Handler::Entrypoint { name: entrypoint.clone(), props: props.clone() }, hops })
    }
}

fn refused(message: String) -> FetchError {
    FetchError { kind: FetchErrorKind::Service, message }
}

/// What the caller is told: both workers have one owner.
fn error_of(error: &ServeError) -> FetchError {
    match error {
        ServeError::Worker(failure) if failure.kind == FailureKind::Exception => {
            FetchError { kind: FetchErrorKind::Exception, message: failure.message.clone() }
        }
        other => refused(other.to_string()),
    }
}

/// Starts a subrequest that another worker answers.
pub(crate) fn start_fetch(
    services: &Arc<Services>,
    exchange: &Arc<Exchange>,
    id: SubrequestId,
    event: Option<EventId>,
    place: u32,
    request: Subrequest,
) {
    let callee = services.callee(exchange, event, place);
    let request = fetch::Call::of(exchange, request);
    let here = exchange.clone();
    exchange.spawn_subrequest(id, async move {
        match callee {
            Ok(callee) => fetch::run(&here, callee, request).await,
            Err(error) => Err(error),
        }
    });
}

/// Starts calls of methods over a socket.
pub(crate) fn start_rpc(
    services: &Arc<Services>,
    exchange: &Arc<Exchange>,
    socket: SocketId,
    event: Option<EventId>,
    place: u32,
) {
    let callee = services.callee(exchange, event, place);
    rpc::start(exchange, socket, callee);
}
