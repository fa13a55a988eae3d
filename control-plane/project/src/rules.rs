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

/// Files that projects import though wrangler has no rule for them, by the type of rule that they need.
const WITHOUT_RULE: &[(ModuleKind, &[&str])] = &[
    (
        ModuleKind::Text,
        &["css", "csv", "glsl", "gql", "graphql", "htm", "less", "md", "pem", "scss", "svg", "xml", "yaml", "yml"],
    ),
    (ModuleKind::Data, &["gif", "gz", "ico", "jpeg", "jpg", "pdf", "png", "ttf", "webp", "woff", "woff2", "zip"]),
];

/// How a file that is no code would have to be imported.
pub(crate) fn kind_without_rule(specifier: &str) -> Option<ModuleKind> {
    let (_, extension) = specifier.split('?').next()?.rsplit_once('.')?;
    WITHOUT_RULE.iter().find(|(_, extensions)| extensions.contains(&extension)).map(|(kind, _)| *kind)
}

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
