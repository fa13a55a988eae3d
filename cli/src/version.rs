use skerry_edge::bindings::{implicit_namespace, namespaces_of, objects_of, services_of};
use skerry_edge::{Module, ModuleKind, Namespace, ObjectBinding, WorkerCode};
use skerry_project::Built;
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
        services: services_of(&version.services),
        objects: objects_of(&version.objects),
        namespaces: namespaces_of(&version.namespaces),
    }
}

/// The same where no control plane has given classes of Durable Objects their namespaces.
pub(crate) fn code_of_built(built: Built) -> WorkerCode {
    let Built { version, bindings, .. } = built;
    let code = code_of(version);
    let namespaces = bindings
        .classes()
        .into_iter()
        .map(|class| Namespace { id: implicit_namespace(&code.name, class).into(), class: class.into() })
        .collect();
    let objects = bindings.objects.iter().map(|object| ObjectBinding {
        binding: object.binding.clone(),
        namespace: implicit_namespace(object.script.as_deref().unwrap_or(&code.name), &object.class),
        class: object.class.clone(),
    });
    WorkerCode { objects: objects.collect(), namespaces, ..code }
}
