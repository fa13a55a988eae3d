use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use parking_lot::Mutex;
use rolldown::plugin::{
    HookLoadArgs, HookLoadOutput, HookLoadReturn, HookResolveIdArgs, HookResolveIdOutput, HookResolveIdReturn, HookUsage, Plugin,
    PluginContext, PluginContextResolveOptions, SharedLoadPluginContext,
};
use rolldown_common::{ImportKind, ResolvedExternal};
use skerry_protocol::ModuleKind;

use crate::config::Config;
use crate::rules::{self, Rules};
use crate::unresolved::PLATFORM_MODULES;

/// Before the name of a module of the platform that CommonJS code asks for.
const REQUIRED: &str = "\0required:";

/// Keeps assets and the platform's modules out of the bundle, and notes which files the bundler looked at.
#[derive(Debug)]
pub(crate) struct ModulePlugin {
    rules: Rules,
    /// Of these, the ones that lead to a module of the platform.
    alias: Vec<(String, String)>,
    found: Mutex<Found>,
}

/// What the module graph was made of.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Name within the worker -> file and kind.
    pub assets: BTreeMap<String, (PathBuf, ModuleKind)>,
    /// Every file that was read, also those of which nothing is left in the bundle.
    pub loaded: BTreeSet<PathBuf>,
    /// Files that are no code and that no rule says how to import.
    pub unruled: Vec<Unruled>,
}

#[derive(Debug)]
pub(crate) struct Unruled {
    pub specifier: String,
    pub importer: PathBuf,
    pub kind: ModuleKind,
}

impl ModulePlugin {
    pub fn new(config: &Config) -> Self {
        Self { rules: config.rules.clone(), alias: config.alias.clone(), found: Mutex::default() }
    }

    /// What has been found since the last call.
    pub fn take(&self) -> Found {
        std::mem::take(&mut *self.found.lock())
    }

    fn platform_module(&self, specifier: &str) -> Option<&'static str> {
        let aliased = self.alias.iter().find(|(from, _)| from == specifier).map_or(specifier, |(_, to)| to);
        PLATFORM_MODULES.iter().find(|name| **name == aliased || name.strip_prefix("node:") == Some(aliased)).copied()
    }

    /// The asset's file name, made different from that of another file where it must be.
    fn name_for(&self, path: &Path, kind: ModuleKind) -> String {
        let file = path.file_name().map_or_else(|| "asset".to_owned(), |name| name.to_string_lossy().into_owned());
        let assets = &mut self.found.lock().assets;
        let mut name = file.clone();
        let mut count = 1;
        while assets.get(&name).is_some_and(|(other, _)| other != path) {
            count += 1;
            name = format!("{count}-{file}");
        }
        assets.insert(name.clone(), (path.to_owned(), kind));
        name
    }
}

impl Plugin for ModulePlugin {
    fn name(&self) -> Cow<'static, str> {
        "skerry:modules".into()
    }

    fn register_hook_usage(&self) -> HookUsage {
        HookUsage::ResolveId | HookUsage::Load
    }

    async fn resolve_id(&self, context: &PluginContext, args: &HookResolveIdArgs<'_>) -> HookResolveIdReturn {
        let specifier = args.specifier;
        if let Some(name) = self.platform_module(specifier) {
            return Ok(Some(match args.kind {
                ImportKind::Require => HookResolveIdOutput { id: format!("{REQUIRED}{name}").into(), ..Default::default() },
                _ => external(name.to_owned()),
            }));
        }
        let ruled = self.rules.kind_of(specifier);
        let Some(kind) = ruled.or_else(|| rules::kind_without_rule(specifier)).filter(|kind| *kind != ModuleKind::EsModule)
        else {
            return Ok(None);
        };
        let plain = specifier.strip_suffix("?module").unwrap_or(specifier);
        let skip_self = PluginContextResolveOptions { skip_self: true, ..Default::default() };
        let Ok(resolved) = context.resolve(plain, args.importer, Some(skip_self)).await? else { return Ok(None) };
        let path = PathBuf::from(resolved.id.to_string());
        if ruled.is_some() {
            let name = self.name_for(&path, kind);
            return Ok(Some(external(format!("./{name}"))));
        }
        let leads_to_code = rules::kind_without_rule(&resolved.id).is_none();
        // A package's `browser` field may have replaced the file by nothing.
        if leads_to_code || !path.is_file() {
            return Ok(None);
        }
        let importer = args.importer.map(PathBuf::from).unwrap_or_default();
        self.found.lock().unruled.push(Unruled { specifier: specifier.to_owned(), importer, kind });
        Ok(Some(external(specifier.to_owned())))
    }

    async fn load(&self, _context: SharedLoadPluginContext, args: &HookLoadArgs<'_>) -> HookLoadReturn {
        if let Some(name) = args.id.strip_prefix(REQUIRED) {
            return Ok(Some(HookLoadOutput { code: required(name).into(), ..Default::default() }));
        }
        let path = Path::new(args.id.split('?').next().unwrap_or(args.id));
        if path.is_absolute() {
            self.found.lock().loaded.insert(path.to_owned());
        }
        Ok(None)
    }
}

/// The bundle has no `require()` of what is not in it: this imports the module, and is what `require()` of it gives.
fn required(name: &str) -> String {
    if name.starts_with("node:") {
        format!("export {{ default as 'module.exports' }} from {name:?};")
    } else {
        format!("import * as all from {name:?}; export {{ all as 'module.exports' }};")
    }
}

fn external(id: String) -> HookResolveIdOutput {
    HookResolveIdOutput { id: id.into(), external: Some(ResolvedExternal::Bool(true)), ..Default::default() }
}
