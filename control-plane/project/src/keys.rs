//! Which keys of a configuration do what here: read, without effect, missed, or not there yet.

use serde_json::{Map, Value};

/// Keys that are read.
const SUPPORTED: &[&str] = &[
    "$schema",
    "name",
    "main",
    "compatibility_date",
    "compatibility_flags",
    "no_bundle",
    "vars",
    "rules",
    "env",
    "define",
    "alias",
    "dev",
    "durable_objects",
    "keep_vars",
    "limits",
    "migrations",
    "preview_urls",
    "route",
    "routes",
    "services",
    "triggers",
    "tsconfig",
    "workers_dev",
];

/// Keys that concern uploading, or the tool itself, and change nothing about how the worker runs here.
const WITHOUT_EFFECT: &[&str] = &[
    "account_id",
    "compliance_region",
    "first_party_worker",
    "keep_names",
    "legacy_env",
    "logpush",
    "minify",
    "observability",
    "placement",
    "send_metrics",
    "upload_source_maps",
    "usage_model",
    "zone_id",
];

/// Keys that are ignored though the worker may notice.
const MISSED: &[(&str, &str)] = &[
    ("base_dir", "modules are named by their place in the bundle"),
    ("find_additional_modules", "the modules are those that are imported, by names that can be read off the code"),
    ("jsx_factory", "name it as \"jsxFactory\" in tsconfig.json"),
    ("jsx_fragment", "name it as \"jsxFragmentFactory\" in tsconfig.json"),
    ("preserve_file_names", "modules are named by their place in the bundle"),
];

/// Keys that are read where the worker is deployed, and missed where it is served from its project.
const MISSED_TO_SERVE: &[(&str, &str)] = &[("limits", "the limits are the node's"), ("triggers", "crons are not run yet")];

/// Keys that are missed where the worker is deployed, and concern nothing else.
const MISSED_TO_DEPLOY: &[(&str, &str)] = &[
    ("account_id", "the account is that of the token"),
    ("compliance_region", "every edge serves every worker"),
    ("keep_names", "names are kept"),
    ("logpush", "`skerry tail` shows the logs"),
    ("minify", "modules are uploaded as they are bundled"),
    ("observability", "`skerry tail` shows the logs"),
    ("placement", "every edge serves every worker"),
];

/// Keys that workers depend on and that are not there yet: running without them would only fail later and less clearly.
const NOT_YET: &[&str] = &[
    "ai",
    "ai_search",
    "analytics_engine_datasets",
    "assets",
    "browser",
    "build",
    "cloudchamber",
    "containers",
    "d1_databases",
    "data_blobs",
    "dispatch_namespaces",
    "hyperdrive",
    "images",
    "kv_namespaces",
    "logfwdr",
    "media",
    "mtls_certificates",
    "pipelines",
    "python_modules",
    "queues",
    "r2_buckets",
    "ratelimits",
    "secrets_store_secrets",
    "send_email",
    "site",
    "streaming_tail_consumers",
    "tail_consumers",
    "text_blobs",
    "unsafe",
    "vectorize",
    "version_metadata",
    "vpc_services",
    "wasm_modules",
    "worker_loaders",
    "workflows",
];

/// Of each of the `migrations`.
const OF_MIGRATION: &[&str] =
    &["tag", "new_sqlite_classes", "new_classes", "renamed_classes", "deleted_classes", "transferred_classes"];

/// Warnings about keys that are not used, or else all the keys without which the worker cannot run.
pub(crate) fn check(keys: &Map<String, Value>) -> Result<Vec<String>, String> {
    let mut warnings = Vec::new();
    let mut not_yet = Vec::new();
    for (key, value) in keys {
        let name = key.as_str();
        if NOT_YET.contains(&name) {
            if !is_empty(value) {
                not_yet.push(with_bindings(name, value));
            }
        } else if let Some((_, instead)) = MISSED.iter().find(|(missed, _)| *missed == name) {
            if !is_empty(value) {
                warnings.push(format!("\"{name}\" is ignored: {instead}"));
            }
        } else if !SUPPORTED.contains(&name) && !WITHOUT_EFFECT.contains(&name) {
            warnings.push(format!("unknown key \"{name}\" is ignored"));
        }
    }
    let of_migrations = keys.get("migrations").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object);
    for migration in of_migrations {
        let tag = migration.get("tag").and_then(Value::as_str).unwrap_or_default();
        let unknown = migration.keys().filter(|key| !OF_MIGRATION.contains(&key.as_str()));
        warnings.extend(unknown.map(|key| format!("unknown key \"{key}\" of the migration \"{tag}\" is ignored")));
    }
    match &not_yet[..] {
        [] => Ok(warnings),
        [one] => Err(format!("{one} is not supported yet: remove it to run the rest of the worker")),
        several => Err(format!("{} are not supported yet: remove them to run the rest of the worker", several.join(", "))),
    }
}

pub(crate) fn check_to_serve(keys: &Map<String, Value>) -> Vec<String> {
    missed(keys, MISSED_TO_SERVE)
}

/// Also what is not known of a key that is read.
pub(crate) fn check_to_deploy(keys: &Map<String, Value>) -> Vec<String> {
    let mut warnings = missed(keys, MISSED_TO_DEPLOY);
    let within = |key: &str, known: &[&str]| {
        let all = keys.get(key).and_then(Value::as_object).into_iter().flat_map(Map::keys);
        let unknown = all.filter(|name| !known.contains(&name.as_str()));
        unknown.map(|name| format!("\"{key}.{name}\" is ignored: it is not known")).collect::<Vec<_>>()
    };
    warnings.extend(within("limits", &["cpu_ms", "subrequests"]));
    warnings.extend(within("triggers", &["crons"]));
    let listed = keys.get("routes").and_then(Value::as_array).into_iter().flatten();
    for route in listed.chain(keys.get("route")).filter_map(Value::as_object) {
        let unknown = route.keys().filter(|name| !["pattern", "custom_domain", "zone_id", "zone_name"].contains(&name.as_str()));
        let pattern = route.get("pattern").and_then(Value::as_str).unwrap_or_default();
        warnings.extend(unknown.map(|name| format!("\"{name}\" of the route {pattern} is ignored")));
    }
    if keys.get("triggers").is_some_and(|triggers| !is_empty(triggers)) {
        warnings.push("\"triggers.crons\" are kept, and are not run yet".to_owned());
    }
    warnings
}

fn missed(keys: &Map<String, Value>, all: &[(&str, &str)]) -> Vec<String> {
    let is_asked_for = |key: &&(&str, &str)| keys.get(key.0).is_some_and(|value| !is_empty(value) && !is_switched_off(value));
    all.iter().filter(is_asked_for).map(|(key, instead)| format!("\"{key}\" is ignored: {instead}")).collect()
}

/// `{ "enabled": false }`
fn is_switched_off(value: &Value) -> bool {
    value.get("enabled").is_some_and(|enabled| *enabled == false)
}

/// Warnings about flags, none of which changes anything: the newest behaviour is the only one.
pub(crate) fn check_flags(flags: &[String]) -> Vec<String> {
    let missed = flags.iter().filter(|flag| *flag != "nodejs_als");
    let warning = |flag: &String| {
        if flag.starts_with("nodejs_compat") {
            format!("{flag}: crypto, fs, http, net, zlib and others of Node's modules are not there yet")
        } else {
            format!("{flag} in \"compatibility_flags\" is ignored: behaviour is that of the newest compatibility date")
        }
    };
    missed.map(warning).collect()
}

/// Warnings about how the worker would be served, of which only the port is taken.
pub(crate) fn check_dev(dev: &Map<String, Value>) -> Vec<String> {
    let missed = dev.keys().filter(|key| *key != "port");
    let warning = |key: &String| match key.as_str() {
        "ip" => "\"dev.ip\" is ignored: use --host".to_owned(),
        key => format!("\"dev.{key}\" is ignored"),
    };
    missed.map(warning).collect()
}

/// Whether a key says nothing: `[]`, `{}`, `{ crons = [] }`, `false`.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(keys) => keys.values().all(|value| matches!(value, Value::Array(list) if list.is_empty())),
        _ => false,
    }
}

fn with_bindings(key: &str, value: &Value) -> String {
    let names = binding_names(value);
    if names.is_empty() { format!("\"{key}\"") } else { format!("\"{key}\" ({})", names.join(", ")) }
}

/// The names in `env` that a key asks for. They stand in `binding`, or in `name`, of the key itself or of the items of a list,
/// which some keys have below `bindings` or `producers`.
pub(crate) fn binding_names(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(items) => items.iter().flat_map(binding_names).collect(),
        Value::Object(keys) => match keys.get("binding").or_else(|| keys.get("name")).and_then(Value::as_str) {
            Some(name) => vec![name],
            None => ["bindings", "producers"].iter().filter_map(|list| keys.get(*list)).flat_map(binding_names).collect(),
        },
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{check, check_flags, check_to_deploy, check_to_serve};

    fn checked(keys: Value) -> Result<Vec<String>, String> {
        check(keys.as_object().expect("an object"))
    }

    #[test]
    fn everything_that_is_not_there_is_named_at_once_with_its_bindings() {
        let error = checked(json!({
            "kv_namespaces": [{ "binding": "NAMES", "id": "x" }, { "binding": "PLACES", "id": "y" }],
            "workflows": [{ "name": "orders", "binding": "ORDERS", "class_name": "Orders" }],
            "queues": { "producers": [{ "binding": "JOBS", "queue": "jobs" }] },
            "ai": { "binding": "AI" },
            "r2_buckets": [],
        }));
        let expected = "\"kv_namespaces\" (NAMES, PLACES), \"workflows\" (ORDERS), \"queues\" (JOBS), \"ai\" (AI) are not supported \
                        yet: remove them to run the rest of the worker";
        assert_eq!(error.expect_err("not there yet"), expected);
    }

    #[test]
    fn keys_that_are_missed_say_so_unless_they_are_empty() {
        let keys = json!({
            "triggers": { "crons": ["* * * * *"] }, "limits": {}, "mian": {}, "minify": true, "base_dir": "a",
            "migrations": [{ "tag": "v1", "new_sqlite_class": ["A"], "new_classes": [] }],
        });
        let expected = [
            "\"base_dir\" is ignored: modules are named by their place in the bundle",
            "unknown key \"mian\" is ignored",
            "unknown key \"new_sqlite_class\" of the migration \"v1\" is ignored",
        ];
        let mut warnings = checked(keys.clone()).expect("it can run");
        warnings.sort();
        assert_eq!(warnings, expected);
        let keys = keys.as_object().expect("an object");
        assert_eq!(check_to_serve(keys), ["\"triggers\" is ignored: crons are not run yet"]);
        let to_deploy = [
            "\"minify\" is ignored: modules are uploaded as they are bundled",
            "\"triggers.crons\" are kept, and are not run yet",
        ];
        assert_eq!(check_to_deploy(keys), to_deploy);
        let empty = json!({ "triggers": { "crons": [] }, "observability": { "enabled": false }, "logpush": false });
        let empty = empty.as_object().expect("an object");
        assert_eq!((check(empty), check_to_serve(empty), check_to_deploy(empty)), (Ok(vec![]), vec![], vec![]));
    }

    #[test]
    fn what_is_not_known_within_a_key_says_so_where_it_is_deployed() {
        let keys = json!({
            "limits": { "cpu_ms": 1, "memory_mb": 2 }, "triggers": { "queues": [] },
            "routes": ["a.test", { "pattern": "b.test", "zone_name": "b.test", "previews_enabled": true }],
        });
        let expected = [
            "\"limits.memory_mb\" is ignored: it is not known",
            "\"triggers.queues\" is ignored: it is not known",
            "\"previews_enabled\" of the route b.test is ignored",
        ];
        assert_eq!(check_to_deploy(keys.as_object().expect("an object")), expected);
    }

    #[test]
    fn flags_that_change_nothing_say_so() {
        let warnings = check_flags(&["nodejs_compat".to_owned(), "nodejs_als".to_owned(), "no_nodejs_als".to_owned()]);
        assert_eq!(warnings[0], "nodejs_compat: crypto, fs, http, net, zlib and others of Node's modules are not there yet");
        assert!(warnings.len() == 2 && warnings[1].starts_with("no_nodejs_als in \"compatibility_flags\""), "{warnings:?}");
    }
}
