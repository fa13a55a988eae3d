use globset::{Glob, GlobMatcher};
use skerry_protocol::ModuleKind;

/// Which files are imported as what, beyond JavaScript, TypeScript and JSON.
#[derive(Debug, Clone)]
pub(crate) struct Rules(Vec<(GlobMatcher, ModuleKind)>);

/// wrangler's own rules; those of the configuration come first.
const DEFAULTS: &[(&str, ModuleKind)] = &[
    ("**/*.txt", ModuleKind::Text),
    ("**/*.html", ModuleKind::Text),
    ("**/*.sql", ModuleKind::Text),
    ("**/*.bin", ModuleKind::Data),
    ("**/*.wasm", ModuleKind::Wasm),
    ("**/*.wasm?module", ModuleKind::Wasm),
];

impl Rules {
    /// The configured rules before the usual ones. Gives back the glob that cannot be understood.
    pub fn new(configured: &[(String, ModuleKind)]) -> Result<Self, String> {
        let all = configured.iter().map(|(glob, kind)| (glob.as_str(), *kind)).chain(DEFAULTS.iter().copied());
        let rules = all.map(|(glob, kind)| {
            let matcher = Glob::new(glob).map_err(|error| format!("\"{glob}\" is not a glob: {error}"))?.compile_matcher();
            Ok((matcher, kind))
        });
        rules.collect::<Result<_, String>>().map(Self)
    }

    pub fn kind_of(&self, specifier: &str) -> Option<ModuleKind> {
        let path = specifier.trim_start_matches("./").trim_start_matches('/');
        self.0.iter().find(|(glob, _)| glob.is_match(path)).map(|(_, kind)| *kind)
    }
}
