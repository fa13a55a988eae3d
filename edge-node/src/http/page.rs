use skerry_runtime::messages::FailureKind;

use crate::error::ServeError;

/// What a client learns: a code and the id that the log resolves, nothing of the inside.
pub(super) fn for_client(error: &ServeError, code: &str, request_id: &str) -> String {
    let message = match error {
        ServeError::BadRequest { message, .. } => message.as_str(),
        ServeError::Worker(failure) => match failure.kind {
            FailureKind::CpuLimit => "The worker exceeded its CPU time",
            FailureKind::MemoryLimit => "The worker exceeded its memory",
            FailureKind::IsolateEnded => "The worker was ended; try again",
            FailureKind::Crashed | FailureKind::CrashedAlone => "The worker ended the process it ran in",
            FailureKind::Barred => "The worker has ended its process too often, and is not run for a while",
            _ => "The worker failed",
        },
        ServeError::NoWorker { .. } => "No worker is routed for this host and path",
        ServeError::Busy => "The node has no room for the request; try again",
    };
    format!(r#"{{"errors":[{{"code":"{code}","message":"{message}","request_id":"{request_id}"}}]}}"#)
}

/// What went wrong, for a developer whose client is no browser.
pub(super) fn text_for_developer(error: &ServeError, code: &str, request_id: &str, request: &str) -> String {
    format!("{}\n\n{request}, {code}, request {request_id}\n", error.details())
}

/// A page that shows a developer what went wrong.
pub(super) fn for_developer(error: &ServeError, code: &str, request_id: &str, request: &str) -> String {
    let (message, stack) = match error {
        ServeError::Worker(failure) => (failure.message.as_str(), failure.stack.as_deref().unwrap_or_default()),
        ServeError::BadRequest { message, .. } => (message.as_str(), ""),
        ServeError::NoWorker { .. } => ("No worker is routed for this host and path", ""),
        ServeError::Busy => ("No isolate was ready in time", ""),
    };
    format!(
        concat!(
            "<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title>",
            "<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:4rem auto;padding:0 1rem;color:#1c2430;background:#fbfbf9}}",
            "h1{{font-size:1.3rem;color:#a3271d}}pre{{background:#f0efe9;padding:1rem;overflow:auto;border-radius:6px}}",
            "small{{color:#6a7280}}@media(prefers-color-scheme:dark){{body{{background:#15181d;color:#dde2ea}}pre{{background:#1e232b}}h1{{color:#ff8a7a}}}}</style>",
            "<h1>{title}</h1><pre>{stack}</pre><p><small>{request} &middot; {code} &middot; request {id}</small></p></html>\n"
        ),
        title = escape(message),
        stack = escape(if stack.is_empty() { message } else { stack }),
        request = escape(request),
        code = code,
        id = request_id,
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
