//! Makes a snapshot for isolates to start from, and brings the platform's JavaScript into the binary, for nodes to make their own.

use std::error::Error;
use std::hash::Hasher;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=../js-api/js");
    println!("cargo:rerun-if-env-changed=RUSTY_V8_ARCHIVE");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    let sources = skerry_js_api::read_sources()?;
    let snapshot = skerry_js_api::make_snapshot(&sources, None);
    std::fs::write(out.join("sources.json"), serde_json::to_vec(&sources)?)?;
    std::fs::write(out.join("snapshot.bin"), &snapshot)?;
    // Names the platform's code, where something is kept that only fits the same: the hasher's keys are fixed.
    let mut hasher = std::hash::DefaultHasher::new();
    hasher.write(&snapshot);
    println!("cargo:rustc-env=SKERRY_SNAPSHOT_ID={:016x}", hasher.finish());
    Ok(())
}
