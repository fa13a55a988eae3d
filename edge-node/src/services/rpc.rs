//! Calls of methods: two isolates speak over a socket, which is joined here and not read.

use std::sync::Arc;

use skerry_runtime::messages::{Event, FetchError, RpcEvent, SocketId};

use super::{Callee, error_of};
use crate::call::{Called, Unanswered};
use crate::error::ServeError;
use crate::exchange::{Answer, Exchange, Far, SocketEnd};
use crate::sockets;

/// The caller may speak at once: what it says waits for the other end.
pub(super) fn start(exchange: &Arc<Exchange>, socket: SocketId, callee: Result<(Callee, u8), FetchError>) {
    let mut ours = SocketEnd::of_worker(exchange, socket);
    exchange.runtime().spawn(async move {
        let theirs = match callee {
            Ok((callee, hops)) => open(&callee, hops).await,
            Err(error) => Err(error),
        };
        match theirs {
            Ok(theirs) => sockets::join(ours, theirs).await,
            Err(error) => ours.worker.fail(error.message),
        }
    });
}

async fn open(callee: &Callee, hops: u8) -> Result<SocketEnd, FetchError> {
    let path = "rpc".to_owned();
    let make = |_: &Arc<Exchange>, handler| Event::Rpc(RpcEvent { handler });
    let Called { guard, outcome } = callee.call(path, hops, make).await.map_err(|error| error_of(&error))?;
    // From here on the socket is what ends it.
    guard.complete();
    match outcome {
        Ok(Answer { socket: Some(Far::Worker(socket)), .. }) => Ok(socket),
        Ok(Answer { .. }) => Err(super::refused("The worker did not open the session".to_owned())),
        Err(Unanswered { failure, .. }) => {
            let error = ServeError::Worker(failure);
            callee.worker().observer().answered(error.is_the_versions_own(), false);
            Err(error_of(&error))
        }
    }
}
