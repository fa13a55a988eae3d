use skerry_edge::{Module, ModuleKind, WorkerCode};
use skerry_protocol::{ModuleKind as Kind, WorkerVersion};

/// A version as the edge serves it.
pub(crate) fn code_of(version: WorkerVersion) -> WorkerCode {
    let modules = version.modules.into_iter().map(|module| Module {
        name: module.name,
        kind: match module.kind {
            Kind::EsModule => ModuleKind::EsModule,
            Kind::Text => ModuleKind::Text,
            Kind::Data => ModuleKind::Data,
            Kind::Json => ModuleKind::Json,
            Kind::Wasm => ModuleKind::Wasm,
        },
        content: module.content.into(),
        source_map: module.source_map.map(|map| map.into_bytes().into()),
    });
    WorkerCode {
        name: version.name,
        version: String::new(),
        main: version.main_module,
        modules: modules.collect(),
        env: serde_json::Value::Object(version.vars).to_string(),
        services: Vec::new(),
    }
}
