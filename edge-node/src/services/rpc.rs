//! Calls of methods: two isolates speak over a socket, which is joined here and not read.

use std::sync::Arc;

use bytes::Bytes;
use skerry_runtime::messages::{Event, FetchError, RpcEvent, SocketId, SocketMessage};

use super::{Callee, error_of};
use crate::call::{Called, Unanswered};
use crate::error::ServeError;
use crate::exchange::{Answer, Exchange, Far, SocketEnd};
use crate::sockets;

/// What is larger reaches a stateless worker over the socket and not with its event, which can be sent to another isolate then.
const FIRST_BYTES_MAX: usize = 1 << 20;

/// The caller may speak at once: what it says behind its first message waits for the other end.
pub(super) fn start(exchange: &Arc<Exchange>, socket: SocketId, callee: Result<(Callee, u8), FetchError>, first: Bytes) {
    let mut ours = SocketEnd::of_worker(exchange, socket);
    exchange.runtime().spawn(async move {
        let theirs = match callee {
            Ok((callee, hops)) => open(callee, hops, first).await,
            Err(error) => Err(error),
        };
        match theirs {
            Ok(theirs) => sockets::join(ours, theirs).await,
            Err(error) => ours.worker.tell(SocketMessage::Failed(error)),
        }
    });
}

async fn open(mut callee: Callee, hops: u8, first: Bytes) -> Result<SocketEnd, FetchError> {
    let path = "rpc".to_owned();
    let (first, later) = match &callee {
        Callee::Worker { .. } if first.len() > FIRST_BYTES_MAX => (Bytes::new(), Some(first)),
        // Objects take calls in their order: each comes with its event.
        Callee::Worker { .. } | Callee::Object { .. } => (first, None),
    };
    let make = |_: &Arc<Exchange>, handler| Event::Rpc(RpcEvent { handler, first });
    let Called { guard, outcome } = callee.call(path, hops, make).await.map_err(|error| error_of(&error))?;
    // From here on the socket is what ends it.
    guard.complete();
    match outcome {
        Ok(Answer { socket: Some(Far::Worker(mut socket)), .. }) => {
            if let Some(first) = later {
                socket.worker.pass(SocketMessage::Binary(first)).await;
            }
            Ok(socket)
        }
        Ok(Answer { .. }) => Err(super::refused("The worker did not open the session".to_owned())),
        Err(Unanswered { failure, .. }) => {
            let error = ServeError::Worker(failure);
            callee.worker().observer().answered(error.is_the_versions_own(), false);
            Err(callee.unanswered(&error))
        }
    }
}
