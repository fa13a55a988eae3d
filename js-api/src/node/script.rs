//! The JavaScript of Node's modules: read-only data of the process, which no heap holds.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deno_core::{OpState, op2, v8};
use deno_error::JsErrorBox;

/// Each is the body of a function of two parameters.
type Script = (&'static str, &'static [u8]);

include!(concat!(env!("OUT_DIR"), "/node_scripts.rs"));

/// What workers import, without `node:`. `own/modules.js` says which script each is made of.
pub(super) const MODULES: &[&str] = &[
    "_stream_duplex",
    "_stream_passthrough",
    "_stream_readable",
    "_stream_transform",
    "_stream_writable",
    "assert",
    "assert/strict",
    "async_hooks",
    "buffer",
    "console",
    "constants",
    "diagnostics_channel",
    "events",
    "module",
    "os",
    "path",
    "path/posix",
    "path/win32",
    "perf_hooks",
    "process",
    "punycode",
    "querystring",
    "stream",
    "stream/consumers",
    "stream/promises",
    "stream/web",
    "string_decoder",
    "sys",
    "timers",
    "timers/promises",
    "url",
    "util",
    "util/types",
];

/// The module that a specifier stands for, with or without its prefix: `assert` for `node:assert`.
#[must_use]
pub fn node_module(specifier: &str) -> Option<&'static str> {
    let name = specifier.strip_prefix("node:").unwrap_or(specifier);
    MODULES.binary_search(&name).ok().map(|place| MODULES[place])
}

fn script(name: &str) -> Option<Script> {
    let place = SCRIPTS.binary_search_by_key(&name, |(name, _)| name).ok()?;
    Some(SCRIPTS[place])
}

/// What V8 has compiled of scripts, for the isolates of the process that come.
static COMPILED: Mutex<BTreeMap<&'static str, Arc<[u8]>>> = Mutex::new(BTreeMap::new());

/// Scripts that this isolate has compiled itself.
#[derive(Default)]
pub struct OwnScripts(Vec<(&'static str, v8::Global<v8::Function>)>);

/// The function that a script is the body of.
#[op2]
pub fn op_node_script<'s>(
    state: &mut OpState,
    scope: &mut v8::PinScope<'s, '_>,
    #[string] name: &str,
) -> Result<v8::Local<'s, v8::Function>, JsErrorBox> {
    let found = script(name).ok_or_else(|| JsErrorBox::generic(format!("There is no script \"{name}\" of Node's modules")))?;
    let compiled = compile(scope, found, state.borrow_mut());
    compiled.ok_or_else(|| JsErrorBox::generic(format!("The script \"{name}\" of Node's modules does not compile")))
}

fn compile<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    (name, text): Script,
    own: &mut OwnScripts,
) -> Option<v8::Local<'s, v8::Function>> {
    let text = v8::String::new_external_onebyte_static(scope, text)?;
    let origin_name = v8::String::new(scope, &format!("node:internal/{name}"))?;
    let origin = v8::ScriptOrigin::new(scope, origin_name.into(), 0, 0, false, 0, None, false, false, false, None);
    let parameters = [v8::String::new(scope, "__bootstrap")?, v8::String::new(scope, "Deno")?];
    let reason = v8::script_compiler::NoCacheReason::NoReason;
    let kept = compiled_scripts().get(name).cloned();
    if let Some(kept) = kept {
        let kept = v8::script_compiler::CachedData::new(&kept);
        let mut source = v8::script_compiler::Source::new_with_cached_data(text, Some(&origin), kept);
        let options = v8::script_compiler::CompileOptions::ConsumeCodeCache;
        let function = v8::script_compiler::compile_function(scope, &mut source, &parameters, &[], options, reason)?;
        if source.get_cached_data().is_some_and(v8::script_compiler::CachedData::rejected) {
            compiled_scripts().remove(name);
        }
        return Some(function);
    }
    let mut source = v8::script_compiler::Source::new(text, Some(&origin));
    let options = v8::script_compiler::CompileOptions::NoCompileOptions;
    let function = v8::script_compiler::compile_function(scope, &mut source, &parameters, &[], options, reason)?;
    own.0.push((name, v8::Global::new(scope, function)));
    Some(function)
}

/// Keeps what has been compiled of an isolate's scripts by now, where nothing is kept yet.
pub fn keep_node_scripts(scope: &mut v8::PinScope, own: OwnScripts) {
    for (name, function) in own.0 {
        if compiled_scripts().contains_key(name) {
            continue;
        }
        let function = v8::Local::new(scope, function);
        if let Some(compiled) = function.create_code_cache() {
            compiled_scripts().insert(name, Arc::from(&compiled[..]));
        }
    }
}

fn compiled_scripts() -> MutexGuard<'static, BTreeMap<&'static str, Arc<[u8]>>> {
    COMPILED.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use sha2::Digest;

    use super::{MODULES, SCRIPTS, node_module, script};

    #[test]
    fn names_are_found_with_and_without_their_prefix() {
        assert_eq!(node_module("node:path/posix"), Some("path/posix"));
        assert_eq!(node_module("path"), Some("path"));
        assert_eq!(node_module("node:nothing"), None);
        assert_eq!(node_module("node:node:path"), None);
    }

    #[test]
    fn lists_are_sorted() {
        assert!(MODULES.is_sorted());
        assert!(SCRIPTS.is_sorted_by_key(|(name, _)| *name));
    }

    /// They are what `node/vendor` makes: changes go there.
    #[test]
    fn scripts_from_elsewhere_are_unchanged() {
        let sources = include_str!("../../node/deno/SOURCES");
        let mut listed = 0;
        for line in sources.lines().filter(|line| !line.starts_with('#')) {
            let [_, digest, file] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
            let name = file.rsplit_once('.').map_or(file, |(name, _)| name);
            let (_, text) = script(name).unwrap_or_else(|| panic!("{name} is missing"));
            let actual: String = sha2::Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(actual, digest, "{name}");
            listed += 1;
        }
        let own = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/node/own")).map_or(0, Iterator::count);
        assert!(listed > 70 && own > 5 && SCRIPTS.len() > listed + own, "{listed} of {}", SCRIPTS.len());
    }

    /// A sloppy function tells who calls it, by `arguments`, what it was given.
    #[test]
    fn scripts_are_strict() {
        for (name, text) in SCRIPTS {
            let text = std::str::from_utf8(text).expect("ASCII");
            let first = text.lines().find(|line| !line.is_empty() && !line.starts_with("//"));
            assert_eq!(first, Some("\"use strict\";"), "{name}");
        }
    }

    /// V8 takes them where they are, a byte for each character.
    #[test]
    fn scripts_are_ascii() {
        for (name, text) in SCRIPTS {
            assert!(text.is_ascii(), "{name}");
        }
    }
}
