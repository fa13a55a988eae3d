use std::sync::Arc;

use deno_core::Extension;
use deno_web::{BlobStore, InMemoryBroadcastChannel};

use crate::ops;
use crate::policy;

/// The name under which our own scripts are known: `ext:skerry/...`.
pub const EXTENSION_NAME: &str = "skerry";

// `23_request.js` of deno_fetch loads `22_http_client.js`, which wants one script of deno_net. This one serves; nothing of
// deno_net itself is there.
deno_core::extension!(
    deno_net,
    lazy_loaded_js = [dir "js", "ext:deno_net/02_tls.js" = "deno_net_stub.js"],
);

deno_core::extension!(
    skerry,
    deps = [deno_webidl, deno_web, deno_fetch, deno_crypto],
    ops = [
        ops::aes::op_aes_ctr,
        ops::aes::op_aes_gcm_open,
        ops::aes::op_aes_gcm_seal,
        ops::body::op_inbound_pass,
        ops::body::op_outbound_end,
        ops::body::op_outbound_start,
        ops::data_url::op_data_url,
        ops::digest::op_digest_finish,
        ops::digest::op_digest_new,
        ops::digest::op_digest_update,
        ops::digest::op_timing_safe_equal,
        ops::event::op_event_done,
        ops::event::op_event_fail,
        ops::event::op_event_pass_through,
        ops::event::op_event_touch,
        ops::event::op_request_body,
        ops::event::op_request_cf,
        ops::event::op_request_header,
        ops::event::op_request_headers,
        ops::event::op_request_method,
        ops::event::op_request_url,
        ops::event::op_respond,
        ops::event::op_respond_text,
        ops::decompress::op_decompress_feed,
        ops::decompress::op_decompress_finish,
        ops::decompress::op_decompress_new,
        ops::decompress::op_decompress_read,
        ops::log::op_log,
        ops::log::op_report_exception,
        ops::multipart::op_multipart_parse,
        ops::socket::op_socket_close,
        ops::socket::op_socket_new,
        ops::socket::op_socket_send_binary,
        ops::socket::op_socket_send_text,
        ops::structured_clone::op_clone_deserialize,
        ops::structured_clone::op_clone_serialize,
        ops::structured_clone::op_clone_value,
        ops::subrequest::op_fetch_answer,
        ops::subrequest::op_fetch_cancel,
        ops::subrequest::op_fetch_count,
        ops::subrequest::op_fetch_start,
        ops::subrequest::op_rpc_open,
        ops::time::op_frozen_now,
        ops::time::op_frozen_time_origin,
        ops::wasm::op_native_bytes,
    ],
    esm_entry_point = "ext:skerry/bootstrap.js",
    esm = [
        dir "js",
        "aes.js",
        "crypto_cost.js",
        "async_hooks.js",
        "body.js",
        "bootstrap.js",
        "byte_controller.js",
        "compression.js",
        "context.js",
        "crypto.js",
        "dispatch.js",
        "events.js",
        "fetch.js",
        "fetcher.js",
        "formdata.js",
        "globals.js",
        "headers.js",
        "http.js",
        "inner_body.js",
        "interfaces.js",
        "lasting_chunks.js",
        "navigator.js",
        "reporting.js",
        "slots.js",
        "streams.js",
        "structured_clone.js",
        "subtle.js",
        "timers.js",
        "webassembly.js",
        "websocket.js",
        "websocket_arguments.js",
        "warm_up.js",
        "workers.js",
    ],
    middleware = policy::apply,
    state = |state| {
        state.put(ops::structured_clone::BuffersInTransit::default());
    },
);

/// The extensions of one isolate, in the order that its snapshot was made with.
/// Each isolate has a blob store and a broadcast channel of its own: tenants share neither.
pub fn extensions() -> Vec<Extension> {
    vec![
        deno_webidl::deno_webidl::init(),
        deno_web::deno_web::init(Arc::new(BlobStore::default()), None, false, InMemoryBroadcastChannel::default()),
        deno_net::init(),
        deno_fetch::deno_fetch::init(deno_fetch::Options::default()),
        deno_crypto::deno_crypto::init(None),
        skerry::init(),
    ]
}
