use std::collections::HashMap;

use skerry_edge::bindings::{implicit_namespace, namespaces_of, objects_of, services_of};
use skerry_edge::{Module, ModuleKind, Namespace, ObjectBinding, WorkerCode};
use skerry_project::{Built, Classes};
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

/// The names by which the objects of classes are kept, where no control plane has given them namespaces: by worker.
pub(crate) type Origins = HashMap<String, Classes>;

/// The same where no control plane has given classes of Durable Objects their namespaces. `origins` are those of workers that its bindings may
/// lead to.
pub(crate) fn code_of_built(built: Built, origins: &Origins) -> WorkerCode {
    let Built { version, bindings, .. } = built;
    let code = code_of(version);
    let own = bindings.classes();
    let namespace = |(class, origin): (&String, &String)| Namespace {
        id: implicit_namespace(&code.name, origin).into(),
        class: class.as_str().into(),
    };
    let namespaces = own.there.iter().map(namespace).collect();
    let objects = bindings.objects.iter().map(|object| {
        let (worker, classes) = match &object.script {
            Some(script) => (script, origins.get(script)),
            None => (&code.name, Some(&own)),
        };
        let origin = classes.map_or(object.class.as_str(), |classes| classes.origin(&object.class));
        ObjectBinding {
            binding: object.binding.clone(),
            namespace: implicit_namespace(worker, origin),
            class: object.class.clone(),
        }
    });
    WorkerCode { objects: objects.collect(), namespaces, ..code }
}
