//! `wrangler.toml`, `wrangler.jsonc` and `wrangler.json`.
//! <https://developers.cloudflare.com/workers/wrangler/configuration/>

use std::path::Path;

use serde_json::{Map, Value};
use skerry_protocol::{ModuleKind, VersionLimits};

use crate::bindings::Bindings;
use crate::rules::Rules;
use crate::triggers::Triggers;
use crate::{ProjectError, keys};

/// Configuration files, in the order in which they are looked for.
pub const CONFIG_FILES: &[&str] = &["wrangler.jsonc", "wrangler.json", "wrangler.toml"];

/// What a configuration says about running the worker.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub name: String,
    pub main: Option<String>,
    pub compatibility_date: Option<String>,
    pub compatibility_flags: Vec<String>,
    pub no_bundle: bool,
    pub vars: Map<String, Value>,
    pub define: Vec<(String, String)>,
    pub alias: Vec<(String, String)>,
    pub rules: Rules,
    pub tsconfig: Option<String>,
    pub dev_port: Option<u16>,
    pub triggers: Triggers,
    pub bindings: Bindings,
    pub limits: VersionLimits,
    /// Whether variables that the configuration does not name are to stay as they are deployed.
    pub keeps_vars: bool,
    /// What concerns the worker only where it is served from here, or only where it is deployed.
    pub warnings: Warnings,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Warnings {
    pub to_serve: Vec<String>,
    pub to_deploy: Vec<String>,
}

impl Config {
    /// For a module or a folder without a configuration.
    pub fn unconfigured(root: &Path) -> Self {
        let name = root.canonicalize().ok().and_then(|root| Some(root.file_name()?.to_str()?.to_owned()));
        Self {
            name: name.unwrap_or_else(|| "worker".to_owned()),
            main: None,
            compatibility_date: None,
            compatibility_flags: Vec::new(),
            no_bundle: false,
            vars: Map::new(),
            define: Vec::new(),
            alias: Vec::new(),
            rules: Rules::new(&[]).unwrap_or_else(|_| unreachable!("the usual globs are valid")),
            tsconfig: None,
            dev_port: None,
            triggers: Triggers { has_host: Some(true), ..Triggers::default() },
            bindings: Bindings::default(),
            limits: VersionLimits::default(),
            keeps_vars: false,
            warnings: Warnings::default(),
        }
    }
}

/// Reads a configuration file. Returns warnings beside it.
pub(crate) fn read(file: &Path, environment: Option<&str>) -> Result<(Config, Vec<String>), ProjectError> {
    let error = |message: String| ProjectError::Config { file: file.display().to_string(), message };
    let text = std::fs::read_to_string(file).map_err(|problem| error(problem.to_string()))?;
    let is_toml = file.extension().is_some_and(|extension| extension == "toml");
    let fallback = file.parent().map_or_else(|| Config::unconfigured(Path::new(".")), Config::unconfigured);
    let (mut config, warnings) = of_text(&text, is_toml, fallback, environment).map_err(error)?;
    let file = file.display();
    let named = |warnings: &[String]| warnings.iter().map(|warning| format!("{file}: {warning}")).collect();
    let Warnings { to_serve, to_deploy } = &config.warnings;
    config.warnings = Warnings { to_serve: named(to_serve), to_deploy: named(to_deploy) };
    Ok((config, named(&warnings)))
}

/// The same of a file's content. `fallback` is for what it does not say.
pub(crate) fn of_text(
    text: &str,
    is_toml: bool,
    mut fallback: Config,
    environment: Option<&str>,
) -> Result<(Config, Vec<String>), String> {
    let value = if is_toml { parse_toml(text) } else { parse_json(text) }?;
    let Value::Object(top) = value else {
        return Err("expected an object with keys such as \"name\" and \"main\"".to_owned());
    };
    let (keys, mut warnings) = with_environment(top, environment)?;
    warnings.extend(keys::check(&keys)?);
    if let Some(environment) = environment {
        fallback.name = format!("{}-{environment}", fallback.name);
    }
    let mut config = config_of(&keys, fallback)?;
    warnings.extend(keys::check_flags(&config.compatibility_flags));
    warnings.extend(keys::check_dev(&object(&keys, "dev")?));
    let mut to_serve = keys::check_to_serve(&keys);
    to_serve.extend(config.bindings.without_migration());
    config.warnings = Warnings { to_serve, to_deploy: keys::check_to_deploy(&keys) };
    Ok((config, warnings))
}

fn parse_toml(text: &str) -> Result<Value, String> {
    toml::from_str(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        format!("line {}: {}", line_of(text, offset), error.message())
    })
}

fn parse_json(text: &str) -> Result<Value, String> {
    // What wrangler takes: comments and trailing commas, nothing else that is not JSON.
    let options = jsonc_parser::ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        ..Default::default()
    };
    jsonc_parser::parse_to_serde_value(text, &options).map_err(|error| format!("line {}: {}", error.line_display(), error.kind()))
}

fn line_of(text: &str, offset: usize) -> usize {
    text[..offset.min(text.len())].matches('\n').count() + 1
}

/// Keys that an environment does not have from the top level.
const NOT_INHERITED: &[&str] = &["vars", "define", "services", "durable_objects"];

/// The keys that hold in an environment: its own before those of the top level. Some are not inherited, of which the warnings tell.
fn with_environment(mut top: Map<String, Value>, environment: Option<&str>) -> Result<(Map<String, Value>, Vec<String>), String> {
    let environments = top.remove("env");
    let Some(name) = environment else { return Ok((top, Vec::new())) };
    let found = environments.as_ref().and_then(|all| all.get(name));
    let Some(Value::Object(own)) = found else {
        let known: Vec<_> = environments.iter().filter_map(Value::as_object).flat_map(|all| all.keys().cloned()).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        return Err(format!("there is no environment \"{name}\" (there is: {known})"));
    };
    let mut warnings = Vec::new();
    for key in NOT_INHERITED {
        let left = top.remove(*key);
        let named = |value: &Value| match (*key, value) {
            ("vars" | "define", Value::Object(all)) => all.keys().cloned().collect(),
            ("vars" | "define", _) => Vec::new(),
            _ => keys::binding_names(value).into_iter().map(str::to_owned).collect(),
        };
        let own: Vec<String> = own.get(*key).map(named).unwrap_or_default();
        let lost: Vec<_> = left.iter().flat_map(named).filter(|name| !own.contains(name)).collect();
        if !lost.is_empty() {
            let lost = lost.join(", ");
            warnings.push(format!(
                "environments do not inherit \"{key}\": \"{name}\" does not have {lost}; repeat what it needs in \"env.{name}.{key}\""
            ));
        }
    }
    // An environment is a worker of its own, by its own name.
    if let (None, Some(shared)) = (own.get("name"), top.get_mut("name").and_then(|shared| shared.as_str().map(str::to_owned))) {
        top.insert("name".to_owned(), Value::String(format!("{shared}-{name}")));
    }
    top.extend(own.clone());
    Ok((top, warnings))
}

fn config_of(keys: &Map<String, Value>, fallback: Config) -> Result<Config, String> {
    let name = string(keys, "name")?.unwrap_or(fallback.name);
    Ok(Config {
        bindings: Bindings::of(keys, &name)?,
        name,
        main: string(keys, "main")?,
        compatibility_date: string(keys, "compatibility_date")?.map(checked_date).transpose()?,
        compatibility_flags: strings(keys, "compatibility_flags")?,
        no_bundle: boolean(keys, "no_bundle")?,
        vars: object(keys, "vars")?,
        define: string_map(keys, "define")?,
        alias: string_map(keys, "alias")?,
        rules: Rules::new(&rules(keys)?)?,
        tsconfig: string(keys, "tsconfig")?,
        dev_port: dev_port(keys)?,
        triggers: Triggers::of(keys)?,
        limits: limits(keys)?,
        keeps_vars: boolean(keys, "keep_vars")?,
        warnings: Warnings::default(),
    })
}

/// <https://developers.cloudflare.com/workers/wrangler/configuration/#limits>
fn limits(keys: &Map<String, Value>) -> Result<VersionLimits, String> {
    let limits = object(keys, "limits")?;
    let number = |key: &str| {
        let value = limits.get(key).map(|value| value.as_u64().filter(|number| *number > 0));
        value.map(|value| value.ok_or_else(|| wrong(&format!("limits.{key}"), "a whole number above 0"))).transpose()
    };
    let subrequests = number("subrequests")?.map(|count| u32::try_from(count).unwrap_or(u32::MAX));
    Ok(VersionLimits { cpu_ms: number("cpu_ms")?, subrequests })
}

fn dev_port(keys: &Map<String, Value>) -> Result<Option<u16>, String> {
    let port = object(keys, "dev")?.get("port").map(|port| port.as_u64().and_then(|port| u16::try_from(port).ok()));
    port.map(|port| port.ok_or_else(|| wrong("dev.port", "a number up to 65535"))).transpose()
}

fn checked_date(date: String) -> Result<String, String> {
    let parts: Vec<_> = date.split('-').map(|part| (part.len(), part.parse::<u32>().ok())).collect();
    match parts[..] {
        [(4, Some(_)), (2, Some(1..=12)), (2, Some(1..=31))] => Ok(date),
        _ => Err(format!("\"compatibility_date\" is \"{date}\": expected a date such as \"2026-01-31\"")),
    }
}

pub(crate) fn wrong(key: &str, expected: &str) -> String {
    format!("\"{key}\" must be {expected}")
}

pub(crate) fn string(keys: &Map<String, Value>, key: &str) -> Result<Option<String>, String> {
    keys.get(key).map(|value| value.as_str().map(str::to_owned).ok_or_else(|| wrong(key, "a string"))).transpose()
}

pub(crate) fn boolean(keys: &Map<String, Value>, key: &str) -> Result<bool, String> {
    keys.get(key).map_or(Ok(false), |value| value.as_bool().ok_or_else(|| wrong(key, "true or false")))
}

fn object(keys: &Map<String, Value>, key: &str) -> Result<Map<String, Value>, String> {
    keys.get(key).map_or(Ok(Map::new()), |value| value.as_object().cloned().ok_or_else(|| wrong(key, "an object")))
}

pub(crate) fn strings(keys: &Map<String, Value>, key: &str) -> Result<Vec<String>, String> {
    let Some(value) = keys.get(key) else { return Ok(Vec::new()) };
    let list = value.as_array().and_then(|list| list.iter().map(|item| item.as_str().map(str::to_owned)).collect());
    list.ok_or_else(|| wrong(key, "a list of strings"))
}

fn string_map(keys: &Map<String, Value>, key: &str) -> Result<Vec<(String, String)>, String> {
    let pairs: Option<_> = object(keys, key)?.into_iter().map(|(name, value)| Some((name, value.as_str()?.to_owned()))).collect();
    pairs.map_or_else(|| Err(wrong(key, "an object of strings")), Ok)
}

fn rules(keys: &Map<String, Value>) -> Result<Vec<(String, ModuleKind)>, String> {
    let expected = "a list of { type, globs }";
    let Some(value) = keys.get("rules") else { return Ok(Vec::new()) };
    let mut rules = Vec::new();
    for rule in value.as_array().ok_or_else(|| wrong("rules", expected))? {
        let rule = rule.as_object().ok_or_else(|| wrong("rules", expected))?;
        let kind = match rule.get("type").and_then(Value::as_str) {
            Some("Text") => ModuleKind::Text,
            Some("Data") => ModuleKind::Data,
            Some("CompiledWasm") => ModuleKind::Wasm,
            Some("ESModule") => ModuleKind::EsModule,
            Some(other) => {
                return Err(format!("a rule of type \"{other}\" is not supported: use Text, Data, CompiledWasm or ESModule"));
            }
            None => return Err(wrong("rules", expected)),
        };
        rules.extend(strings(rule, "globs")?.into_iter().map(|glob| (glob, kind)));
    }
    Ok(rules)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(name: &str, text: &str, environment: Option<&str>) -> Result<(Config, Vec<String>), String> {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join(name);
        std::fs::write(&file, text).expect("the file is written");
        read(&file, environment).map_err(|error| error.to_string())
    }

    #[test]
    fn toml_and_jsonc_say_the_same() {
        let toml = "name = 'a'\nmain = 'x.ts'\nno_bundle = true\n[vars]\nK = 'v'\n";
        let jsonc = "{ // comment\n \"name\": \"a\", \"main\": \"x.ts\", \"no_bundle\": true, \"vars\": { \"K\": \"v\" }, }";
        for (name, text) in [("wrangler.toml", toml), ("wrangler.jsonc", jsonc)] {
            let (config, warnings) = parse(name, text, None).expect("it parses");
            assert_eq!((config.name.as_str(), config.main.as_deref(), config.no_bundle), ("a", Some("x.ts"), true));
            assert_eq!(config.vars["K"], "v");
            assert!(warnings.is_empty());
        }
    }

    #[test]
    fn an_environment_overrides_and_does_not_inherit_vars() {
        let text = "name = 'a'\n[vars]\nTOP = '1'\n[env.staging]\nname = 'b'\nvars = { OWN = '2' }\n";
        let (config, warnings) = parse("wrangler.toml", text, Some("staging")).expect("it parses");
        assert!(warnings[0].contains("environments do not inherit \"vars\": \"staging\" does not have TOP"), "{warnings:?}");
        assert_eq!(config.name, "b");
        assert!(config.vars.contains_key("OWN") && !config.vars.contains_key("TOP"));
        let error = parse("wrangler.toml", text, Some("production")).expect_err("no such environment");
        assert!(error.contains("\"production\"") && error.contains("staging"), "{error}");
    }

    #[test]
    fn an_environment_does_not_inherit_bindings_and_inherits_migrations() {
        let text = r#"{ "name": "a", "services": [{ "binding": "AUTH", "service": "auth" }],
            "durable_objects": { "bindings": [{ "name": "ROOM", "class_name": "Room" }, { "name": "HALL", "class_name": "Hall" }] },
            "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Room", "Hall"] }],
            "env": { "staging": { "durable_objects": { "bindings": [{ "name": "ROOM", "class_name": "Room" }] } } } }"#;
        let (config, warnings) = parse("wrangler.json", text, Some("staging")).expect("it parses");
        assert!(
            warnings.iter().any(|text| text.contains("\"services\"") && text.contains("does not have AUTH;")),
            "{warnings:?}"
        );
        assert!(warnings.iter().any(|text| text.contains("\"durable_objects\"") && text.contains("does not have HALL;")));
        let names: Vec<_> = config.bindings.objects.iter().map(|object| object.binding.as_str()).collect();
        assert_eq!((names, config.bindings.services.len(), config.bindings.migrations.len()), (vec!["ROOM"], 0, 1));
    }

    #[test]
    fn unknown_keys_warn_and_unsupported_ones_stop() {
        let (_, warnings) = parse("wrangler.toml", "name = 'a'\nmian = 'x'\n", None).expect("it parses");
        assert!(warnings[0].contains("\"mian\""));
        let error = parse("wrangler.toml", "[[kv_namespaces]]\nbinding = 'K'\n", None).expect_err("not there yet");
        assert!(error.contains("\"kv_namespaces\" (K) is not supported yet"), "{error}");
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        let error = parse("wrangler.toml", "name = 'a'\nmain = \n", None).expect_err("broken");
        assert!(error.contains("line 2"), "{error}");
        let error = parse("wrangler.json", "{\n\"name\": \"a\",\n\"main\" 1\n}", None).expect_err("broken");
        assert!(error.contains("line 3"), "{error}");
        let error = parse("wrangler.toml", "compatibility_date = 'today'", None).expect_err("no date");
        assert!(error.contains("compatibility_date"), "{error}");
        let error = parse("wrangler.toml", "name = 3", None).expect_err("no string");
        assert!(error.contains("\"name\" must be a string"), "{error}");
    }
}
