//! An event for a worker, from the lease of an isolate to the answer.

use skerry_runtime::messages::{Body, Event, Failure, FailureKind, FetchEvent};
use tokio::sync::oneshot::error::RecvError;

use crate::error::ServeError;
use crate::exchange::{Answer, Answered, EventGuard, Exchange, NoAnswer, Returned};
use crate::worker::Worker;

/// Isolates that an event is handed to, when one after the other ends before it begins it.
const ISOLATES_TRIED: usize = 4;

/// An event's answer, or why it has none. Dropped before the answer has gone out whole, the guard ends the event.
pub(crate) struct Called {
    pub guard: EventGuard,
    pub outcome: Result<Answer, Unanswered>,
}

/// The worker's failure, and whether its origin is to answer instead.
pub(crate) struct Unanswered {
    pub failure: Failure,
    pub pass_through: bool,
}

/// Hands an event to an isolate of the worker; it is made for the exchange with that isolate.
pub(crate) async fn call(
    worker: &Worker,
    path: String,
    hops: u8,
    make: impl FnOnce(&std::sync::Arc<Exchange>) -> Event,
) -> Result<Called, ServeError> {
    let lease = worker.lease().await?;
    let exchange = lease.exchange();
    let (mut guard, answered) = exchange.begin(make(exchange), path, hops, worker.observer().wants_traces());
    drop(lease);
    let mut outcome = answered.await;
    if let Ok(Err(NoAnswer { returned: returned @ Some(_), .. })) = &mut outcome
        && let Some(returned) = returned.take_if(|returned| may_be_moved(&returned.event))
    {
        guard.complete();
        // Boxed: rare, and the future of every request would carry it.
        (guard, outcome) = Box::pin(call_another(worker, *returned, hops)).await?;
    }
    let ended = || failure(FailureKind::IsolateEnded, "The isolate ended before the worker had answered");
    let outcome = match outcome {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(NoAnswer { failure, pass_through, .. })) => Err(Unanswered { failure, pass_through }),
        Err(_) => Err(Unanswered { failure: ended(), pass_through: false }),
    };
    Ok(Called { guard, outcome })
}

/// What is read of a stream cannot be read again.
pub(crate) fn may_be_moved(event: &Event) -> bool {
    !matches!(event, Event::Fetch(FetchEvent { body: Body::Stream { .. }, .. }))
}

/// Hands an event that an isolate has not begun to others, until one begins it.
async fn call_another(
    worker: &Worker,
    mut returned: Returned,
    hops: u8,
) -> Result<(EventGuard, Result<Answered, RecvError>), ServeError> {
    for _ in 0..ISOLATES_TRIED {
        let lease = worker.lease().await?;
        let (guard, answered) = lease.exchange().begin(returned.event, returned.path, hops, worker.observer().wants_traces());
        drop(lease);
        match answered.await {
            Ok(Err(NoAnswer { returned: Some(again), .. })) => {
                guard.complete();
                returned = *again;
            }
            outcome => return Ok((guard, outcome)),
        }
    }
    Err(ServeError::Worker(failure(FailureKind::IsolateEnded, "The isolates of the worker end before they begin the event")))
}

pub(crate) fn failure(kind: FailureKind, message: &str) -> Failure {
    Failure { kind, message: message.to_owned(), stack: None }
}
