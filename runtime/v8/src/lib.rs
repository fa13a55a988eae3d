//! The V8 archive of this repository. The crate's build script checks that it fits the platform, before a linker would fail
//! with errors that say nothing; see `README.md` beside the archive.

#![forbid(unsafe_code)]

/// The archive's file name in `runtime/v8/`.
pub const ARCHIVE: &str = "librusty_v8_simdutf_release_x86_64-unknown-linux-gnu.a.gz";
