//! Bindings as the control plane and projects write them, as code has them.

use std::sync::Arc;

use skerry_protocol as protocol;
use skerry_runtime::{Namespace, ObjectBinding, Service};

/// As versions name them.
pub fn services_of(services: &[protocol::ServiceBinding]) -> Vec<Service> {
    let service = |service: &protocol::ServiceBinding| Service {
        binding: service.binding.clone(),
        service: service.service.as_str().into(),
        entrypoint: service.entrypoint.clone(),
        props: service.props.as_ref().map(|props| Arc::from(props.to_string())),
    };
    services.iter().map(service).collect()
}

pub fn objects_of(objects: &[protocol::ObjectBinding]) -> Vec<ObjectBinding> {
    let object = |object: &protocol::ObjectBinding| ObjectBinding {
        binding: object.binding.clone(),
        namespace: object.namespace.clone(),
        class: object.class.clone(),
    };
    objects.iter().map(object).collect()
}

pub fn namespaces_of(namespaces: &[protocol::ObjectNamespace]) -> Vec<Namespace> {
    let namespace = |namespace: &protocol::ObjectNamespace| Namespace {
        id: namespace.id.as_str().into(),
        class: namespace.class.as_str().into(),
    };
    namespaces.iter().map(namespace).collect()
}

/// Without a control plane a class has its namespace by the names of worker and class.
pub fn implicit_namespace(worker: &str, class: &str) -> String {
    let mut hasher = <sha2::Sha256 as sha2::Digest>::new();
    for part in ["skerry implicit namespace", worker, class] {
        sha2::Digest::update(&mut hasher, u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
        sha2::Digest::update(&mut hasher, part);
    }
    let digest = sha2::Digest::finalize(hasher);
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_implicit_namespace_is_that_of_its_worker_and_class_alone() {
        let id = implicit_namespace("chat", "Room");
        assert_eq!((id.len(), &id), (32, &implicit_namespace("chat", "Room")));
        assert_ne!(id, implicit_namespace("chatR", "oom"));
        assert_ne!(id, implicit_namespace("chat", "Lobby"));
    }
}
