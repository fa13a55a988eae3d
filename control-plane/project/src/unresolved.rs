//! Imports that lead nowhere: which of them stop the build, and what to do about each.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use rolldown_error::{BuildDiagnostic, DiagnosticOptions, EventKind};

/// Modules that the runtime brings. Node's can be imported without `node:`, too.
pub(crate) const PLATFORM_MODULES: &[&str] = &[
    "cloudflare:workers",
    "node:_stream_duplex",
    "node:_stream_passthrough",
    "node:_stream_readable",
    "node:_stream_transform",
    "node:_stream_writable",
    "node:assert",
    "node:assert/strict",
    "node:async_hooks",
    "node:buffer",
    "node:console",
    "node:constants",
    "node:diagnostics_channel",
    "node:events",
    "node:module",
    "node:os",
    "node:path",
    "node:path/posix",
    "node:path/win32",
    "node:perf_hooks",
    "node:process",
    "node:punycode",
    "node:querystring",
    "node:stream",
    "node:stream/consumers",
    "node:stream/promises",
    "node:stream/web",
    "node:string_decoder",
    "node:sys",
    "node:timers",
    "node:timers/promises",
    "node:url",
    "node:util",
    "node:util/types",
];

/// Modules of Node.js that code also imports without `node:`.
const NODE_MODULES: &[&str] = &[
    "assert",
    "async_hooks",
    "buffer",
    "child_process",
    "cluster",
    "console",
    "constants",
    "crypto",
    "dgram",
    "diagnostics_channel",
    "dns",
    "domain",
    "events",
    "fs",
    "http",
    "http2",
    "https",
    "inspector",
    "module",
    "net",
    "os",
    "path",
    "perf_hooks",
    "process",
    "punycode",
    "querystring",
    "readline",
    "repl",
    "stream",
    "string_decoder",
    "sys",
    "timers",
    "tls",
    "trace_events",
    "tty",
    "url",
    "util",
    "v8",
    "vm",
    "wasi",
    "worker_threads",
    "zlib",
];

/// An import that the bundler left as it is, outside of any `try`.
#[derive(Debug)]
pub(crate) struct Unresolved {
    specifier: String,
    importer: PathBuf,
    /// File and line of the import.
    place: String,
}

impl Unresolved {
    pub fn of(diagnostic: &BuildDiagnostic, options: &DiagnosticOptions) -> Option<Self> {
        if !matches!(diagnostic.kind(), EventKind::UnresolvedImport) {
            return None;
        }
        let (importer, specifier) = (PathBuf::from(diagnostic.id()?), diagnostic.exporter()?);
        let location = diagnostic.to_diagnostic_with(options).get_primary_location();
        let place = location.map_or_else(|| importer.display().to_string(), |(file, line, ..)| format!("{file}:{line}"));
        Some(Self { specifier, importer, place })
    }

    /// Whether the build fails by it. npm packages bring code for other platforms that is never reached here: an import of
    /// theirs counts when the worker could not start without it, which are those in `at_start`.
    pub fn is_fatal(&self, at_start: &HashSet<String>) -> bool {
        let is_own = !self.importer.components().any(|part| part.as_os_str() == "node_modules");
        is_own || at_start.contains(&self.specifier)
    }

    /// What is to be mended, which several imports may lack: a package that is not installed, or else the module itself.
    pub fn subject(&self) -> &str {
        let package = package_of(&self.specifier).filter(|_| node_module(&self.specifier).is_none());
        package.filter(|package| !self.has_package(package)).unwrap_or(&self.specifier)
    }

    /// Whether the importer finds the package. While it is being installed there is a folder, and no package in it yet.
    fn has_package(&self, package: &str) -> bool {
        let mut folders = self.importer.ancestors().map(|folder| folder.join("node_modules").join(package));
        folders.any(|folder| folder.join("package.json").is_file())
    }

    /// What is missing, who wants it, and the mend where there is one.
    pub fn message(&self, root: &Path) -> String {
        let Self { specifier, importer, place } = self;
        if let Some(module) = node_module(specifier) {
            return format!(
                "node:{module} (imported by {place}) is not there yet; of Node's modules there are {}",
                node_modules()
            );
        }
        if specifier.starts_with("cloudflare:") {
            return format!(
                "{specifier} (imported by {place}) is not there yet; of the cloudflare: modules only cloudflare:workers is"
            );
        }
        let Some(package) = package_of(specifier) else {
            return format!("\"{specifier}\" (imported by {place}) leads nowhere: expected a relative path or an npm package");
        };
        if self.has_package(package) {
            return format!("\"{specifier}\" (imported by {place}) is not in the npm package \"{package}\" that is installed");
        }
        let folder = root.ancestors().find(|folder| folder.join("package.json").is_file());
        let is_declared = folder.is_some_and(|folder| declares(&folder.join("package.json"), package));
        let is_own = !importer.components().any(|part| part.as_os_str() == "node_modules");
        let command = if is_own && !is_declared { format!("npm install {package}") } else { "npm install".to_owned() };
        let folder = folder.unwrap_or(root).display();
        format!("npm package \"{package}\" is not installed (imported by {place}): run \"{command}\" in {folder}")
    }
}

/// Those that are there: `assert, async_hooks, buffer`.
fn node_modules() -> String {
    let names: Vec<_> = PLATFORM_MODULES.iter().filter_map(|name| name.strip_prefix("node:")).collect();
    names.into_iter().filter(|name| !name.starts_with('_')).collect::<Vec<_>>().join(", ")
}

fn declares(package_json: &Path, package: &str) -> bool {
    let text = std::fs::read_to_string(package_json).unwrap_or_default();
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"]
        .iter()
        .any(|kind| manifest.get(kind).and_then(|list| list.get(package)).is_some())
}

/// Name without `node:` of a module of Node.js.
fn node_module(specifier: &str) -> Option<&str> {
    let named = specifier.strip_prefix("node:");
    named.or_else(|| NODE_MODULES.contains(&specifier.split('/').next().unwrap_or_default()).then_some(specifier))
}

/// `hono` of `hono/jsx`, `@scope/name` of `@scope/name/part`.
fn package_of(specifier: &str) -> Option<&str> {
    let separators = if specifier.starts_with('@') { 2 } else { 1 };
    let end = specifier.match_indices('/').nth(separators - 1).map_or(specifier.len(), |(at, _)| at);
    let name = &specifier[..end];
    let is_name = !name.is_empty() && !name.contains(':') && !name.starts_with(['#', '.', '/', '~']) && !name.starts_with("@/");
    is_name.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::{node_module, package_of};

    #[test]
    fn packages_are_told_from_what_else_is_imported() {
        let packages = ["hono", "hono/jsx", "@scope/name/part", "@scope/name"].map(package_of);
        assert_eq!(packages, [Some("hono"), Some("hono"), Some("@scope/name"), Some("@scope/name")]);
        let others = ["#internal", "https://esm.sh/x", "virtual:x", "~/x", "@/x"].map(package_of);
        assert_eq!(others, [None; 5]);
    }

    #[test]
    fn modules_of_node_are_known_with_and_without_their_prefix() {
        assert_eq!(
            ["node:fs", "crypto", "fs/promises", "fs-extra"].map(node_module),
            [Some("fs"), Some("crypto"), Some("fs/promises"), None]
        );
    }
}
