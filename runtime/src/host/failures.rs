use skerry_js_api::Ports;
use skerry_messages::{Failure, FailureKind};

pub(super) fn failure(kind: FailureKind, message: String) -> Failure {
    Failure { kind, message, stack: None }
}

/// For events that shared an isolate with one that had to be stopped.
pub(super) fn bystander_failure() -> Failure {
    failure(
        FailureKind::IsolateEnded,
        "Another event of the worker did not pause and used up its CPU time: both ended with the isolate".to_owned(),
    )
}

pub(super) fn load_failure(message: String) -> Failure {
    failure(FailureKind::Load, message)
}

/// Nothing is left that could settle the handlers' promises: no timer, no request, no stream.
pub(super) fn fail_hung(ports: &mut Ports) {
    for event in ports.unanswered() {
        let message = "The handler's promise can never settle: nothing it could be waiting for is under way".to_owned();
        ports.fail(event, failure(FailureKind::Hung, message));
    }
}
