//! Starts the real binary for specs, attacks and benchmarks, and talks to it.
//!
//! Owns: processes that tests start (each ended by its id), scratch folders, a small HTTP client. Refuses: unit tests, which
//! sit beside the code.

#![forbid(unsafe_code)]

pub mod attack;
pub mod authority;
pub mod client;
pub mod deploys;
pub mod developer;
pub mod disk;
pub mod document;
pub mod edges;
pub mod family;
pub mod lan;
pub mod meddler;
pub mod neighbour;
pub mod npm;
pub mod project;
pub mod server;
pub mod spec;
pub mod unit;
pub mod wrangler;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// The repository's root.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(|| PathBuf::from("."), Path::to_owned)
}

/// The binary under test: `SKERRY_BIN`, or else the one that `cargo build` makes of this checkout, built first if need be.
pub fn binary() -> &'static Path {
    static BINARY: LazyLock<PathBuf> = LazyLock::new(build);
    &BINARY
}

fn build() -> PathBuf {
    if let Some(binary) = std::env::var_os("SKERRY_BIN") {
        return binary.into();
    }
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // With a test, features of dependencies are those of `cargo test`, and nothing is built twice.
    let what = ["build", "--release", "--quiet", "--workspace", "--bins", "--test", "house"];
    let built = cargo.current_dir(repository()).args(what).status();
    assert!(built.is_ok_and(|status| status.success()), "`cargo build --release` failed, so there is no binary to test");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| repository().join("target"), PathBuf::from);
    target.join("release").join("skerry")
}
