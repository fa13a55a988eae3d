//! How large what an isolate says may be. The cell keeps to it, whatever worker code does; the front does not count on that.

use skerry_messages::{Failure, FailureKind, FetchError, FromIsolate, ObjectSocketAction, SocketMessage};

/// Of all messages but those on WebSockets and calls of methods, of which there are larger ones.
pub(crate) const MESSAGE_MAX: usize = 1 << 20;
/// A larger body is a stream: whatever a worker sends whole, no frame is large for it.
pub(crate) const WHOLE_BODY_MAX: usize = 64 << 10;
/// Of an error's message, or the reason that a stream broke off.
const MESSAGE_BYTES_MAX: usize = 8 << 10;
const STACK_BYTES_MAX: usize = 64 << 10;
/// Worker code's lines are cut before at half of it.
const LINE_BYTES_MAX: usize = 512 << 10;
const ENTRYPOINTS_MAX: usize = 1_000;
const ENTRYPOINT_BYTES_MAX: usize = 256;

/// Whether a message may be as large as a frame.
pub(crate) fn may_be_large(message: &FromIsolate) -> bool {
    matches!(
        message,
        FromIsolate::Socket { .. }
            | FromIsolate::Rpc { .. }
            | FromIsolate::ObjectSocket { action: ObjectSocketAction::Message(_), .. }
    )
}

/// Cuts what is said to people.
pub(crate) fn cut(message: &mut FromIsolate) {
    match message {
        FromIsolate::StartFailed { failure } | FromIsolate::Failed { failure, .. } | FromIsolate::Stuck { failure } => {
            cut_failure(failure);
        }
        FromIsolate::OutboundEnd { error: Some(error), .. } => cut_text(error, MESSAGE_BYTES_MAX),
        FromIsolate::Log { line, .. } => cut_text(&mut line.text, LINE_BYTES_MAX),
        FromIsolate::Ready { entrypoints } => {
            entrypoints.retain(|entrypoint| entrypoint.name.len() <= ENTRYPOINT_BYTES_MAX);
            entrypoints.truncate(ENTRYPOINTS_MAX);
            entrypoints.shrink_to_fit();
        }
        FromIsolate::Socket { message, .. } | FromIsolate::ObjectSocket { action: ObjectSocketAction::Message(message), .. } => {
            if let SocketMessage::Close { reason: text, .. }
            | SocketMessage::Error { message: text }
            | SocketMessage::Failed(FetchError { message: text, .. }) = message
            {
                cut_text(text, MESSAGE_BYTES_MAX);
            }
        }
        _ => {}
    }
}

fn cut_failure(failure: &mut Failure) {
    cut_text(&mut failure.message, MESSAGE_BYTES_MAX);
    if let Some(stack) = &mut failure.stack {
        cut_text(stack, STACK_BYTES_MAX);
    }
}

fn cut_text(text: &mut String, bytes_max: usize) {
    if text.len() > bytes_max {
        text.truncate(text.floor_char_boundary(bytes_max));
        text.push_str("...");
        text.shrink_to_fit();
    }
}

/// What is said in place of something that no frame can hold; nothing where nobody waits for it.
pub(crate) fn instead_of(message: &FromIsolate) -> Option<FromIsolate> {
    match message {
        FromIsolate::Response { event, .. } => {
            let message = "The head of the answer has more than 1 MiB".to_owned();
            let failure = Failure { kind: FailureKind::BadResponse, message, stack: None };
            Some(FromIsolate::Failed { event: *event, failure, pass_through: false })
        }
        FromIsolate::Socket { socket, .. } => Some(FromIsolate::Socket { socket: *socket, message: too_big() }),
        FromIsolate::ObjectSocket { object, number, action: ObjectSocketAction::Message(_) } => {
            let action = ObjectSocketAction::Message(too_big());
            Some(FromIsolate::ObjectSocket { object: *object, number: *number, action })
        }
        _ => None,
    }
}

/// RFC 6455, 7.4.1: a message that is too big to process.
fn too_big() -> SocketMessage {
    SocketMessage::Close { code: 1009, reason: "a message has more than 32 MiB".to_owned() }
}

/// Why a subrequest is not sent.
pub(crate) fn too_large_to_send() -> FetchError {
    let message = "The URL and the headers of the request have more than 1 MiB".to_owned();
    FetchError { kind: skerry_messages::FetchErrorKind::Request, message }
}

#[cfg(test)]
mod tests {
    use skerry_messages::{Entrypoint, LogLevel, LogLine};

    use super::*;

    #[test]
    fn what_is_said_to_people_is_cut_between_letters() {
        let long = || "\u{e9}".repeat(1 << 20);
        let failure = Failure { kind: FailureKind::Load, message: long(), stack: Some(long()) };
        let mut message = FromIsolate::StartFailed { failure };
        cut(&mut message);
        let FromIsolate::StartFailed { failure } = message else { panic!("it is another message") };
        assert!(
            failure.message.len() <= MESSAGE_BYTES_MAX + 3
                && failure.stack.is_some_and(|stack| stack.len() <= STACK_BYTES_MAX + 3)
        );
        let mut message = FromIsolate::Log { event: None, line: LogLine { level: LogLevel::Log, text: long() } };
        cut(&mut message);
        assert!(matches!(message, FromIsolate::Log { line, .. } if line.text.len() <= LINE_BYTES_MAX + 3));
        let entrypoint = |bytes: usize| Entrypoint { name: "x".repeat(bytes), handlers: Vec::new() };
        let entrypoints = (0..2_000).map(|index| entrypoint(index % 300)).collect();
        let mut message = FromIsolate::Ready { entrypoints };
        cut(&mut message);
        assert!(matches!(message, FromIsolate::Ready { entrypoints } if entrypoints.len() == ENTRYPOINTS_MAX));
    }
}
