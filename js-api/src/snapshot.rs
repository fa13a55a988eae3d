//! How the heap state is made that every isolate starts from. Not in a process that serves: the first initialisation of V8 decides its
//! flags, and the one for a snapshot fixes what should be random.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use deno_core::snapshot::{CreateSnapshotOptions, create_snapshot};
use deno_core::{Extension, ExtensionFileSource, v8_set_flags};

use crate::extensions::extensions;
use crate::warm_up::rehearse;

/// The JavaScript of the platform, by specifier: `ext:skerry/fetch.js`.
pub type Sources = BTreeMap<String, Arc<str>>;

/// Reads the platform's JavaScript from the files of the crates, which only the machine that builds them has.
///
/// # Errors
/// If a file cannot be read.
pub fn read_sources() -> io::Result<Sources> {
    let mut sources = Sources::new();
    for mut extension in extensions() {
        for file in files_of(&mut extension) {
            sources.insert(file.specifier.to_owned(), file.load()?.as_str().into());
        }
    }
    Ok(sources)
}

/// Strings are hashed with `hash_seed`, here and in all isolates that are restored from the snapshot; without one with that of deno_core,
/// which everybody knows.
///
/// # Panics
/// When the platform's JavaScript does not run: it is broken.
pub fn make_snapshot(sources: &Sources, hash_seed: Option<u64>) -> Box<[u8]> {
    // What is compiled goes into the snapshot, whatever garbage is collected before.
    let mut flags = vec!["snapshot".to_owned(), "--no-flush-bytecode".to_owned()];
    if let Some(seed) = hash_seed {
        // V8 begins with a snapshot of its own, which has a seed too.
        flags.extend(["--rehash-snapshot".to_owned(), format!("--hash-seed={seed}")]);
    }
    v8_set_flags(flags);
    let mut extensions = extensions();
    for file in extensions.iter_mut().flat_map(files_of) {
        let source = sources.get(file.specifier).unwrap_or_else(|| panic!("{} is among the sources", file.specifier));
        *file = ExtensionFileSource::new_computed(file.specifier, source.clone());
    }
    let options = CreateSnapshotOptions {
        cargo_manifest_dir: env!("CARGO_MANIFEST_DIR"),
        startup_snapshot: None,
        skip_op_registration: false,
        extensions,
        extension_transpiler: None,
        with_runtime_cb: Some(Box::new(|js| rehearse(js))),
    };
    create_snapshot(options, None).expect("the platform's JavaScript runs").output
}

fn files_of(extension: &mut Extension) -> impl Iterator<Item = &mut ExtensionFileSource> {
    let lists = [
        &mut extension.js_files,
        &mut extension.esm_files,
        &mut extension.lazy_loaded_esm_files,
        &mut extension.lazy_loaded_js_files,
    ];
    lists.into_iter().flat_map(Cow::to_mut)
}
