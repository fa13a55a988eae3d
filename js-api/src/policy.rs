//! Which ops of the libraries exist in an isolate. No op is in reach of worker code; this is the second lock behind that.

use deno_core::OpDecl;

use crate::ops;

/// Ops that nothing of ours calls and that could harm the process, reach around the host, or cross isolates.
const DISABLED: &[&str] = &[
    "op_add_async",
    "op_compile_function",
    "op_error_async",
    "op_error_async_deferred",
    "op_eval_context",
    "op_fetch",
    "op_fetch_custom_client",
    "op_fetch_promise_is_settled",
    "op_fetch_send",
    "op_import_sync",
    "op_import_sync_with_source",
    "op_is_terminal",
    "op_lazy_load_esm",
    "op_lock_manager_await_lock",
    "op_lock_manager_await_steal",
    "op_lock_manager_cancel",
    "op_lock_manager_is_stolen",
    "op_lock_manager_query",
    "op_lock_manager_release",
    "op_lock_manager_request",
    "op_panic",
    "op_print",
    "op_resources",
    "op_wasm_streaming_feed",
    "op_wasm_streaming_set_url",
];

pub(crate) fn apply(op: OpDecl) -> OpDecl {
    match op.name {
        // Clocks of deno_web would run on while code runs.
        "op_now" => op.with_implementation_from(&ops::time::op_frozen_now()),
        "op_time_origin" => op.with_implementation_from(&ops::time::op_frozen_time_origin()),
        // deno_core ends the isolate on an uncaught exception; a worker's goes to its log.
        "op_dispatch_exception" => op.with_implementation_from(&ops::log::op_report_exception()),
        // deno_core's end the process when worker code forges a host object.
        "op_deserialize" => op.with_implementation_from(&ops::structured_clone::op_clone_deserialize()),
        "op_serialize" => op.with_implementation_from(&ops::structured_clone::op_clone_serialize()),
        "op_structured_clone" => op.with_implementation_from(&ops::structured_clone::op_clone_value()),
        name if DISABLED.contains(&name) => op.disable(),
        _ => op,
    }
}
