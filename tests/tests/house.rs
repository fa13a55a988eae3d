//! The repository's own invariants: arrows between crates, licences, the V8 archive, README.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;
use skerry_tests::repository;

type Failure = Box<dyn std::error::Error>;

/// Which crate may lean on which (docs/architecture.md). A crate that is not listed may not exist.
const ARROWS: &[(&str, &[&str])] = &[
    ("skerry", &["skerry-control", "skerry-edge", "skerry-project", "skerry-protocol"]),
    ("skerry-edge", &["skerry-cells", "skerry-objects", "skerry-protocol", "skerry-runtime"]),
    ("skerry-objects", &["skerry-messages"]),
    ("skerry-cells", &["skerry-messages", "skerry-runtime"]),
    ("skerry-runtime", &["skerry-js-api", "skerry-messages", "skerry-object-db"]),
    ("skerry-js-api", &["skerry-messages", "skerry-object-db", "skerry-v8"]),
    ("skerry-messages", &[]),
    ("skerry-object-db", &["skerry-messages"]),
    ("skerry-v8", &[]),
    ("skerry-project", &["skerry-protocol"]),
    ("skerry-control", &["skerry-protocol"]),
    ("skerry-protocol", &[]),
    ("skerry-tests", &[]),
    ("skerry-fuzz", &["skerry-control", "skerry-edge", "skerry-js-api", "skerry-messages", "skerry-project", "skerry-protocol"]),
];

/// Crates of V8 and deno, and who may use them.
const ENGINE: &[&str] = &["deno_core", "deno_web", "deno_fetch", "deno_crypto", "deno_webidl", "deno_error", "v8", "deno_v8"];
const ENGINE_USERS: &[&str] = &["skerry-runtime", "skerry-js-api"];

fn metadata() -> Result<Value, Failure> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(repository())
        .args(["metadata", "--format-version", "1", "--filter-platform", "x86_64-unknown-linux-gnu"])
        .output()?;
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// Our crates, and the names of what each depends on to run.
fn ours(metadata: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let members: BTreeSet<_> = list(&metadata["workspace_members"]).filter_map(Value::as_str).collect();
    list(&metadata["packages"])
        .filter(|package| members.contains(text(package, "id")))
        .map(|package| {
            let dependencies = list(&package["dependencies"]).filter(|dependency| dependency["kind"].is_null());
            (text(package, "name").to_owned(), dependencies.map(|dependency| text(dependency, "name").to_owned()).collect())
        })
        .collect()
}

#[test]
fn crates_lean_only_on_the_crates_they_may() -> Result<(), Failure> {
    let crates = ours(&metadata()?);
    let allowed: BTreeMap<_, _> = ARROWS.iter().copied().collect();
    for (name, dependencies) in &crates {
        let allowed = allowed.get(name.as_str()).ok_or_else(|| format!("{name} is not in the list of crates"))?;
        for dependency in dependencies.iter().filter(|dependency| crates.contains_key(*dependency)) {
            assert!(allowed.contains(&dependency.as_str()), "{name} must not depend on {dependency}");
        }
    }
    assert_eq!(crates.len(), ARROWS.len(), "a listed crate is gone");
    Ok(())
}

#[test]
fn only_runtime_and_js_api_know_the_engine() -> Result<(), Failure> {
    for (name, dependencies) in ours(&metadata()?) {
        let uses_engine = dependencies.iter().any(|dependency| ENGINE.contains(&dependency.as_str()));
        assert!(!uses_engine || ENGINE_USERS.contains(&name.as_str()), "{name} must not see types of V8 or deno");
    }
    Ok(())
}

#[test]
fn everything_comes_from_the_registry_under_an_allowed_licence() -> Result<(), Failure> {
    let deny: toml::Table = std::fs::read_to_string(repository().join("deny.toml"))?.parse()?;
    let allowed: BTreeSet<&str> =
        deny["licenses"]["allow"].as_array().into_iter().flatten().filter_map(toml::Value::as_str).collect();
    let banned: BTreeMap<&str, &toml::Value> = deny["bans"]["deny"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|ban| Some((ban.get("crate")?.as_str()?, ban)))
        .collect();
    for package in list(&metadata()?["packages"]) {
        let name = text(package, "name");
        if let Some(source) = package["source"].as_str() {
            assert_eq!(source, "registry+https://github.com/rust-lang/crates.io-index", "{name} comes from elsewhere");
        }
        let licence = package["license"].as_str();
        let fits = licence.is_some_and(|licence| expression_allows(licence, &allowed));
        assert!(fits, "{name} is under {licence:?}, which deny.toml does not allow");
        if let Some(ban) = banned.get(name) {
            assert!(ban.get("wrappers").is_some(), "{name} is banned: {}", ban["reason"]);
        }
    }
    Ok(())
}

/// SPDX expressions as crates.io has them: `A OR B`, `A AND B`, parentheses, and the old `A/B`.
fn expression_allows(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    let expression = expression.replace('/', " OR ");
    // `WITH` belongs to the licence before it.
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace(" WITH ", "+WITH+");
    let tokens: Vec<String> = spaced.split_whitespace().map(|token| token.replace("+WITH+", " WITH ")).collect();
    let mut position = 0;
    alternatives(&tokens, &mut position, allowed)
}

fn alternatives(tokens: &[String], position: &mut usize, allowed: &BTreeSet<&str>) -> bool {
    let mut any = conjunction(tokens, position, allowed);
    while tokens.get(*position).is_some_and(|token| token == "OR") {
        *position += 1;
        any |= conjunction(tokens, position, allowed);
    }
    any
}

fn conjunction(tokens: &[String], position: &mut usize, allowed: &BTreeSet<&str>) -> bool {
    let mut all = licence(tokens, position, allowed);
    while tokens.get(*position).is_some_and(|token| token == "AND") {
        *position += 1;
        all &= licence(tokens, position, allowed);
    }
    all
}

fn licence(tokens: &[String], position: &mut usize, allowed: &BTreeSet<&str>) -> bool {
    let Some(token) = tokens.get(*position) else { return false };
    *position += 1;
    if token != "(" {
        return allowed.contains(token.as_str());
    }
    let fits = alternatives(tokens, position, allowed);
    *position += 1;
    fits
}

#[test]
fn licence_expressions_are_understood() {
    let allowed = BTreeSet::from(["MIT", "Apache-2.0 WITH LLVM-exception"]);
    for (expression, expected) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("MIT OR GPL-3.0", true),
        ("MIT AND GPL-3.0", false),
        ("MIT/Apache-2.0", true),
        ("Apache-2.0 WITH LLVM-exception AND (GPL-3.0 OR MIT)", true),
        ("(MIT OR GPL-3.0) AND GPL-3.0", false),
    ] {
        assert_eq!(expression_allows(expression, &allowed), expected, "{expression}");
    }
}

#[test]
fn the_v8_archive_is_the_one_that_was_made() -> Result<(), Failure> {
    let folder = repository().join("runtime/v8");
    let output = Command::new("sha256sum").args(["--check", "--strict"]).current_dir(&folder).arg(checksum(&folder)?).output()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

fn checksum(folder: &std::path::Path) -> Result<std::path::PathBuf, Failure> {
    let found = std::fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "sha256"));
    found.ok_or_else(|| "runtime/v8 has no checksum".into())
}

#[test]
fn every_top_level_folder_has_its_place() -> Result<(), Failure> {
    let known = ["cli", "control-plane", "deploy", "docs", "edge-node", "examples", "js-api", "runtime", "target", "tests"];
    for entry in std::fs::read_dir(repository())? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() && !name.starts_with('.') {
            assert!(known.contains(&name.as_str()), "{name}/ is not part of the layout in docs/architecture.md");
        }
    }
    Ok(())
}

/// Files that have grown past what a reader can hold.
#[test]
fn no_source_file_is_longer_than_500_lines() -> Result<(), Failure> {
    let output = Command::new("git").args(["ls-files", "*.rs", "*.js", "*.ts"]).current_dir(repository()).output()?;
    // What is brought from elsewhere stays as it is.
    for file in String::from_utf8(output.stdout)?.lines().filter(|file| !file.starts_with("js-api/node/deno/")) {
        let path = repository().join(file);
        let lines = std::fs::read_to_string(&path).map_or(0, |text| text.lines().count());
        assert!(lines <= 500, "{file} has {lines} lines: split it by idea");
    }
    Ok(())
}

/// The bundler leaves to the runtime what the runtime has, and neither may lean on the other.
#[test]
fn the_bundler_knows_the_modules_of_the_runtime() -> Result<(), Failure> {
    let bundler = quoted_in("control-plane/project/src/unresolved.rs", "const PLATFORM_MODULES")?;
    let of_node: Vec<_> = bundler.iter().filter_map(|name| name.strip_prefix("node:")).collect();
    assert_eq!(of_node, quoted_in("js-api/src/node/script.rs", "const MODULES")?);
    assert!(of_node.len() > 30, "{of_node:?}");
    Ok(())
}

/// The strings of the list that begins after `marker`.
fn quoted_in(file: &str, marker: &str) -> Result<Vec<String>, Failure> {
    let text = std::fs::read_to_string(repository().join(file))?;
    let list = text.split_once(marker).and_then(|(_, rest)| rest.split_once("];")).ok_or("there is no such list")?.0;
    Ok(list.split('"').skip(1).step_by(2).map(str::to_owned).collect())
}
