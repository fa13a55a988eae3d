//! Makes the snapshot every isolate starts from. Here and not in the serving process: the first initialisation of V8 decides
//! its flags, and the one for a snapshot fixes the random seed.

use std::path::PathBuf;
use std::rc::Rc;
use std::task::{Context, Waker};

use deno_core::snapshot::{CreateSnapshotOptions, create_snapshot};
use deno_core::{JsRuntime, PollEventLoopOptions, v8_set_flags};
use skerry_js_api::{Clock, Hooks, Ports, begin_warm_up, poll_warm_up};

fn main() {
    // What is compiled goes into the snapshot, whatever garbage is collected before.
    v8_set_flags(vec!["build".to_owned(), "--no-flush-bytecode".to_owned()]);
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=../js-api/js");
    println!("cargo:rerun-if-env-changed=RUSTY_V8_ARCHIVE");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let made = create_snapshot(
        CreateSnapshotOptions {
            cargo_manifest_dir: env!("CARGO_MANIFEST_DIR"),
            startup_snapshot: None,
            skip_op_registration: false,
            extensions: skerry_js_api::extensions(),
            extension_transpiler: None,
            with_runtime_cb: Some(Box::new(|js| rehearse(js))),
        },
        None,
    )
    .expect("the snapshot can be made");
    std::fs::write(out.join("snapshot.bin"), &made.output).expect("the snapshot can be written");
}

/// Runs the platform's own code once, so that it is in the snapshot as V8 has compiled it.
fn rehearse(js: &mut JsRuntime) {
    {
        let op_state = js.op_state();
        let mut state = op_state.borrow_mut();
        state.put(Ports::new(Rc::new(drop), 0));
        state.put(Rc::new(Clock::new()));
    }
    let hooks = {
        deno_core::scope!(scope, js);
        Hooks::rehearse(scope).expect("the snapshot has hooks")
    };
    begin_warm_up(js, &hooks);
    let cx = &mut Context::from_waker(Waker::noop());
    let is_through = (0..100).any(|_| poll_warm_up(js, cx).is_ready());
    assert!(is_through, "the platform's own requests are not answered");
    drop(hooks);
    // Finalizers of what the requests left behind run now: V8 makes no snapshot while some are due.
    for _ in 0..3 {
        js.v8_isolate().low_memory_notification();
        let _idle = js.poll_event_loop(cx, PollEventLoopOptions::default());
    }
}
