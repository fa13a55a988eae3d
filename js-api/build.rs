//! Lists the JavaScript of Node's modules, `node/deno` and `node/own`, by name.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=node");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("node");
    let mut scripts = BTreeMap::new();
    for folder in ["deno", "own"] {
        collect(&root.join(folder), "", &mut scripts)?;
    }
    let mut code = String::from("static SCRIPTS: &[Script] = &[\n");
    for (name, path) in scripts {
        writeln!(code, "    ({name:?}, include_bytes!({path:?})),").map_err(io::Error::other)?;
    }
    code.push_str("];\n");
    fs::write(PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("node_scripts.rs"), code)
}

fn collect(folder: &Path, prefix: &str, scripts: &mut BTreeMap<String, PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if path.is_dir() {
            collect(&path, &format!("{prefix}{name}/"), scripts)?;
        } else if let Some(name) = name.strip_suffix(".js")
            && let Some(other) = scripts.insert(format!("{prefix}{name}"), path.clone())
        {
            return Err(io::Error::other(format!("two scripts have one name: {} and {}", other.display(), path.display())));
        }
    }
    Ok(())
}
