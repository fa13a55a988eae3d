//! Makes the snapshot every isolate starts from. Here and not in the serving process: the first initialisation of V8 decides
//! its flags, and the one for a snapshot fixes the random seed.

use std::hash::Hasher;
use std::path::PathBuf;

use deno_core::snapshot::{CreateSnapshotOptions, create_snapshot};
use deno_core::v8_set_flags;

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
            with_runtime_cb: Some(Box::new(|js| skerry_js_api::rehearse(js))),
        },
        None,
    )
    .expect("the snapshot can be made");
    std::fs::write(out.join("snapshot.bin"), &made.output).expect("the snapshot can be written");
    // Names the snapshot where compiled code is kept: the hasher's keys are fixed.
    let mut hasher = std::hash::DefaultHasher::new();
    hasher.write(&made.output);
    println!("cargo:rustc-env=SKERRY_SNAPSHOT_ID={:016x}", hasher.finish());
}
