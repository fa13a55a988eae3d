use deno_core::error::JsError;
use deno_core::{OpState, op2, v8};
use skerry_messages::{LogLevel, LogLine};

use crate::ports::Ports;

/// The longest line that leaves the isolate; what is over is cut.
const LINE_BYTES_MAX: usize = 256 * 1024;

/// `event` 0 stands for none; levels as in `js/reporting.js`.
#[op2(fast)]
pub fn op_log(state: &mut OpState, #[smi] event: u32, #[smi] level: u8, #[string] text: String) {
    let level = match level {
        0 => LogLevel::Debug,
        1 => LogLevel::Info,
        2 => LogLevel::Log,
        3 => LogLevel::Warn,
        _ => LogLevel::Error,
    };
    log(state, event, level, text);
}

fn log(state: &mut OpState, event: u32, level: LogLevel, mut text: String) {
    if text.ends_with('\n') {
        text.pop();
    }
    if text.len() > LINE_BYTES_MAX {
        text.truncate(text.floor_char_boundary(LINE_BYTES_MAX));
        text.push_str(" [cut]");
    }
    let event = (event != 0).then_some(event);
    state.borrow_mut::<Ports>().log(event, LogLine { level, text });
}

/// An exception that nobody caught, out of a callback. Stands in for deno_core's op of the same shape, which would end the
/// isolate.
#[op2(fast, reentrant)]
pub fn op_report_exception<'s, 'i>(scope: &mut v8::PinScope<'s, 'i>, exception: v8::Local<'s, v8::Value>, in_promise: bool) {
    let error = JsError::from_v8_exception(scope, exception);
    let text = error.stack.clone().unwrap_or_else(|| error.exception_message.clone());
    let text = text.strip_prefix("Uncaught ").unwrap_or(&text);
    let prefix = if in_promise { "Uncaught (in promise)" } else { "Uncaught" };
    let state = deno_core::JsRuntime::op_state_from(scope);
    log(&mut state.borrow_mut(), 0, LogLevel::Error, format!("{prefix} {text}"));
}
