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

use bytes::Bytes;
use skerry_objects::{Object, ObjectId};
use skerry_runtime::messages::{
    Body, Event, EventId, Failure, FailureKind, FetchError, FetchErrorKind, Handler, ObjectIds, SocketId, Subrequest,
    SubrequestId, Target,
};
use skerry_runtime::{Namespace, ObjectBinding, Service, WorkerCode};

pub use directory::Directory;
pub(crate) use directory::Names;

use crate::call::{Called, call};
use crate::egress::HOPS_MAX;
use crate::error::ServeError;
use crate::exchange::Exchange;
use crate::objects::{self, Objects};
use crate::worker::{Worker, WorkerOptions};

/// WebSockets and sessions of one isolate that are open at once; an honest one's are bounded by what its events may do.
const SESSIONS_MAX: usize = 1 << 16;

/// What the isolates of a version are bound to.
pub(crate) struct Services {
    directory: Directory,
    /// Whose workers they are.
    scope: Arc<str>,
    objects: Option<Arc<Objects>>,
    code: Arc<WorkerCode>,
    /// Of the namespaces that its bindings lead to, and its own: their keys are made once.
    ids: Vec<ObjectIds>,
    /// Bound to itself, a version speaks to itself.
    this: Weak<Worker>,
}

/// Whom a call is for.
pub(crate) enum Callee {
    Worker {
        worker: Arc<Worker>,
        handler: Handler,
    },
    /// The first call has its place already: that of when it was made.
    Object {
        objects: Arc<Objects>,
        callee: objects::Callee,
        place: Option<objects::Place>,
    },
}

impl Callee {
    pub fn worker(&self) -> &Arc<Worker> {
        match self {
            Self::Worker { worker, .. } => worker,
            Self::Object { callee, .. } => &callee.worker,
        }
    }

    /// What the caller is told when nothing has answered it.
    fn unanswered(&self, error: &ServeError) -> FetchError {
        match (self, error) {
            (Self::Object { .. }, ServeError::Worker(failure)) if failure.kind == FailureKind::IsolateEnded => {
                object_is_over(failure)
            }
            _ => error_of(error),
        }
    }

    pub async fn call(
        &mut self,
        path: String,
        hops: u8,
        make: impl FnOnce(&Arc<Exchange>, Handler) -> Event,
    ) -> Result<Called, ServeError> {
        match self {
            Self::Worker { worker, handler } => call(worker, path, hops, |exchange| make(exchange, handler.clone())).await,
            Self::Object { objects, callee, place } => {
                let place = match place.take() {
                    Some(place) => place,
                    None => objects.join(&callee.object, 0).map_err(|_| ServeError::Busy)?,
                };
                objects.call(callee, place, path, hops, make).await
            }
        }
    }
}

impl Services {
    pub fn new(options: &WorkerOptions, this: Weak<Worker>, code: Arc<WorkerCode>) -> Self {
        let WorkerOptions { directory, scope, objects, .. } = options.clone();
        let bound = code.objects.iter().map(|binding| &*binding.namespace);
        let ids = bound.chain(code.namespaces.iter().map(|own| &*own.id)).map(ObjectIds::new).collect();
        Self { directory, scope, objects, code, ids, this }
    }

    /// Who is to answer, and how many workers the request has been through then. An object's callers are in the order of these calls; `bytes` is
    /// what this one brings.
    fn callee(
        &self,
        exchange: &Exchange,
        event: Option<EventId>,
        target: Target,
        bytes: usize,
    ) -> Result<(Callee, u8), FetchError> {
        let hops = exchange.hops(event) + 1;
        if hops >= HOPS_MAX {
            return Err(refused(format!("The request has been through {hops} workers: it goes round in a loop")));
        }
        let callee = match target {
            Target::Service(place) => self.service(place)?,
            Target::Own { entrypoint, props } => self.own(entrypoint, props)?,
            Target::Object { binding, id, name } => self.object(binding, id, name, bytes)?,
            Target::Network => return Err(refused("The network is no binding".to_owned())),
        };
        Ok((callee, hops))
    }

    fn service(&self, place: u32) -> Result<Callee, FetchError> {
        let Service { binding, service, entrypoint, props } =
            usize::try_from(place).ok().and_then(|place| self.code.services.get(place)).ok_or_else(no_binding)?;
        let itself = if **service == *self.code.name { self.this.upgrade() } else { None };
        let worker = itself.or_else(|| self.directory.find(&self.scope, service)).ok_or_else(|| {
            refused(format!("The binding {binding} leads to the worker \"{service}\", which is not served here: deploy it first (\"skerry dev\" serves one worker; several are for \"skerry edge --config\")"))
        })?;
        Ok(Callee::Worker { worker, handler: Handler::Entrypoint { name: entrypoint.clone(), props: props.clone() } })
    }

    /// An entrypoint of the version itself.
    fn own(&self, entrypoint: Option<String>, props: Option<String>) -> Result<Callee, FetchError> {
        let this = self.this.upgrade().ok_or_else(|| refused("The worker is not served any more".to_owned()))?;
        let handler = Handler::Entrypoint { name: entrypoint, props: props.map(Arc::from) };
        Ok(Callee::Worker { worker: this, handler })
    }

    /// Of a place among the bindings, and behind them the worker's own classes: what is bound, and the class.
    fn namespace(&self, place: usize) -> Option<(&str, &str)> {
        if let Some(ObjectBinding { namespace, class, .. }) = self.code.objects.get(place) {
            return Some((namespace, class));
        }
        let Namespace { id, class } = self.code.namespaces.get(place - self.code.objects.len())?;
        Some((id, class))
    }

    /// As errors call it.
    fn binding(&self, place: usize, class: &str) -> String {
        let bound = self.code.objects.get(place);
        bound.map_or_else(|| format!("ctx.exports.{class}"), |ObjectBinding { binding, .. }| format!("The binding {binding}"))
    }

    fn object(&self, place: u32, id: [u8; 32], name: Option<String>, bytes: usize) -> Result<Callee, FetchError> {
        let place = usize::try_from(place).map_err(|_| no_binding())?;
        let (namespace, class) = self.namespace(place).ok_or_else(no_binding)?;
        let ids = self.ids.get(place).ok_or_else(no_binding)?;
        let wrong = |what: String| refused(format!("{} {what}", self.binding(place, class)));
        let objects = self.objects.clone().ok_or_else(|| {
            wrong(
                "leads to Durable Objects, and this node keeps none: give it a folder for them (folder of [objects])".to_owned(),
            )
        })?;
        // Only what is true of it is noted. An id that comes of its name needs no second proof.
        let name = if name.as_ref().is_some_and(|name| ids.of_name(name, None) == id) {
            name
        } else if let Some(jurisdiction) = ids.check(&id) {
            name.filter(|name| ids.of_name(name, jurisdiction) == id)
        } else {
            return Err(wrong(format!("is asked for an object that is not of the class {class}")));
        };
        let id = ObjectId(id);
        let (worker, class) = self
            .directory
            .class_of(namespace, &id.to_string())
            .ok_or_else(|| wrong(format!("leads to the class {class}, whose worker is not served here: deploy it first")))?;
        let object = Object { id, namespace: namespace.to_owned(), name };
        let place = objects
            .join(&object, bytes)
            .map_err(|too_long| FetchError { kind: FetchErrorKind::Overloaded, message: too_long.to_string() })?;
        Ok(Callee::Object { objects, callee: objects::Callee { worker, class, object }, place: Some(place) })
    }
}

fn no_binding() -> FetchError {
    refused("There is no such binding".to_owned())
}

fn refused(message: String) -> FetchError {
    FetchError { kind: FetchErrorKind::Service, message }
}

/// What the caller is told: both workers have one owner.
fn error_of(error: &ServeError) -> FetchError {
    let kind = match error {
        ServeError::Busy => FetchErrorKind::Overloaded,
        ServeError::Worker(failure) => match failure.kind {
            FailureKind::ObjectReset => FetchErrorKind::Reset,
            FailureKind::IsolateEnded => FetchErrorKind::Ended,
            // As on Cloudflare, it is the far side's doing too that it has used up what it may.
            FailureKind::Exception | FailureKind::CpuLimit | FailureKind::MemoryLimit | FailureKind::TimeLimit => {
                FetchErrorKind::Exception
            }
            _ => FetchErrorKind::Service,
        },
        ServeError::BadRequest { .. } | ServeError::NoWorker { .. } => FetchErrorKind::Service,
    };
    FetchError { kind, message: error.to_string() }
}

/// What is told to those who have called an object that is over.
pub(crate) fn object_is_over(Failure { kind, message, .. }: &Failure) -> FetchError {
    let is_its_own = *kind != FailureKind::IsolateEnded;
    let kind = if is_its_own { FetchErrorKind::Reset } else { FetchErrorKind::Moved };
    FetchError { kind, message: message.clone() }
}

/// Starts a subrequest that another worker answers. To be called in the order in which the isolate makes them.
pub(crate) fn start_fetch(
    services: &Arc<Services>,
    exchange: &Arc<Exchange>,
    id: SubrequestId,
    event: Option<EventId>,
    target: Target,
    request: Subrequest,
) {
    let bytes = if let Body::Full(bytes) = &request.body { bytes.len() } else { 0 };
    let callee = services.callee(exchange, event, target, bytes);
    let request = fetch::Call::of(exchange, request);
    let here = exchange.clone();
    exchange.spawn_subrequest(id, async move {
        match callee {
            Ok((callee, hops)) => fetch::run(&here, callee, hops, request).await,
            Err(error) => Err(error),
        }
    });
}

/// Starts calls of methods over a socket, of which `first` is the first. To be called in the order in which the isolate makes them.
pub(crate) fn start_rpc(
    services: &Arc<Services>,
    exchange: &Arc<Exchange>,
    socket: SocketId,
    event: Option<EventId>,
    target: Target,
    first: Bytes,
) {
    let callee = if exchange.sockets() < SESSIONS_MAX {
        services.callee(exchange, event, target, first.len())
    } else {
        Err(refused(format!("More than {SESSIONS_MAX} sessions and sockets of the worker are open")))
    };
    rpc::start(exchange, socket, callee, first);
}
