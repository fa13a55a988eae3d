//! Makes the snapshot every isolate starts from. Here and not in the serving process: the first initialisation of V8 decides
//! its flags, and the one for a snapshot fixes the random seed.

use std::path::{Path, PathBuf};

use deno_core::snapshot::{CreateSnapshotOptions, create_snapshot};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=../js-api/js");
    println!("cargo:rerun-if-env-changed=RUSTY_V8_ARCHIVE");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let lazy_sources: Vec<(&'static str, PathBuf)> = skerry_js_api::extensions()
        .iter()
        .flat_map(|extension| extension.lazy_loaded_js_files.to_vec())
        .filter_map(|file| match file.code {
            deno_core::ExtensionFileSourceCode::LoadedFromFsDuringSnapshot(path) => Some((file.specifier, path.into())),
            _ => None,
        })
        .collect();
    let made = create_snapshot(
        CreateSnapshotOptions {
            cargo_manifest_dir: env!("CARGO_MANIFEST_DIR"),
            startup_snapshot: None,
            skip_op_registration: false,
            extensions: skerry_js_api::extensions(),
            extension_transpiler: None,
            with_runtime_cb: None,
        },
        None,
    )
    .expect("the snapshot can be made");
    std::fs::write(out.join("snapshot.bin"), &made.output).expect("the snapshot can be written");
    write_residual(&out, &lazy_sources, &made.consumed_lazy_specifiers);
}

/// Scripts that are loaded after the snapshot is restored travel as text beside it.
fn write_residual(out: &Path, lazy: &[(&'static str, PathBuf)], consumed: &[String]) {
    let mut table = String::from("&[\n");
    for wanted in ["ext:deno_crypto/00_crypto.js", "ext:skerry/dispatch.js"] {
        assert!(!consumed.iter().any(|specifier| specifier == wanted), "{wanted} must not be part of the snapshot");
        let (_, path) = lazy.iter().find(|(specifier, _)| *specifier == wanted).expect("the script is there");
        let copy = out.join(wanted.rsplit('/').next().expect("a file name"));
        std::fs::copy(path, &copy).expect("the script can be copied");
        // deno_core wants these wrapped as it wraps them for a snapshot.
        table.push_str(&format!("    ({wanted:?}, include_str!({copy:?})),\n"));
    }
    table.push_str("]\n");
    std::fs::write(out.join("residual.rs"), table).expect("the table can be written");
}
