//! Has no dependencies, so that it runs first.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=RUSTY_V8_ARCHIVE");
    let target = env::var("TARGET").unwrap_or_default();
    let archive = env::var("RUSTY_V8_ARCHIVE").unwrap_or_default();
    let is_ours = archive.ends_with("librusty_v8_simdutf_release_x86_64-unknown-linux-gnu.a.gz");
    if is_ours && target != "x86_64-unknown-linux-gnu" {
        println!(
            "cargo:error=The V8 archive in runtime/v8/ is for x86_64-unknown-linux-gnu and does not fit {target}. Set \
             RUSTY_V8_ARCHIVE to the path or URL of the archive for your platform: see runtime/v8/README.md."
        );
    } else if archive.is_empty() {
        println!("cargo:error=RUSTY_V8_ARCHIVE is not set: build from within the repository, whose .cargo/config.toml sets it.");
    }
}
