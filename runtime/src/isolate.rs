use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use skerry_messages::{FromIsolate, ToIsolate};
use tokio::sync::mpsc;

use crate::code::WorkerCode;
use crate::host::Host;
use crate::limits::Limits;

/// Receives what an isolate says. Called on the isolate's thread; must not block.
pub type Outbox = Arc<dyn Fn(FromIsolate) + Send + Sync>;

/// The node's end of an isolate. Dropping it retires the isolate.
#[derive(Debug, Clone)]
pub struct IsolateHandle {
    inbox: mpsc::UnboundedSender<ToIsolate>,
}

impl IsolateHandle {
    /// False when the isolate has ended.
    pub fn send(&self, message: ToIsolate) -> bool {
        self.inbox.send(message).is_ok()
    }
}

/// Starts an isolate for a worker on a thread of its own. What it has to say comes through `outbox`: first `Ready` or
/// `StartFailed`, last always `Ended`.
pub fn spawn(code: Arc<WorkerCode>, limits: Limits, outbox: Outbox) -> std::io::Result<IsolateHandle> {
    let (sender, inbox) = mpsc::unbounded_channel();
    std::thread::Builder::new().name("isolate".into()).stack_size(4 << 20).spawn(move || {
        let farewell = Farewell(outbox.clone());
        // A panic ends this isolate and nothing else (architecture, invariant 8).
        let ran = std::panic::catch_unwind(AssertUnwindSafe(|| run(&code, limits, outbox, inbox)));
        if ran.is_err() {
            tracing::error!(worker = code.name, "the isolate's thread panicked");
        }
        drop(farewell);
    })?;
    Ok(IsolateHandle { inbox: sender })
}

fn run(code: &WorkerCode, limits: Limits, outbox: Outbox, inbox: mpsc::UnboundedReceiver<ToIsolate>) {
    // No I/O driver: all I/O is the node's, and a thread without one parks and wakes more cheaply.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_time().build() {
        Ok(runtime) => runtime,
        Err(error) => return tracing::error!(%error, "no runtime for the isolate's thread"),
    };
    runtime.block_on(async {
        match Host::start(code, limits, outbox.clone(), inbox).await {
            Ok(host) => host.run().await,
            Err(failure) => outbox(FromIsolate::StartFailed { failure }),
        }
    });
}

/// Says `Ended` however the thread ends.
struct Farewell(Outbox);

impl Drop for Farewell {
    fn drop(&mut self) {
        (self.0)(FromIsolate::Ended);
    }
}
