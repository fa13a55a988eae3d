//! A deployed version as its isolates are started from it.

use std::sync::Arc;
use std::time::Duration;

use skerry_protocol::{DeployedVersion, DeployedWorker, ModuleKind as Kind, ModuleRef, VersionLimits};
use skerry_runtime::messages::{Failure, FailureKind};
use skerry_runtime::{Limits, Module, ModuleKind, Namespace, WorkerCode};

use super::error::StoreError;
use super::store::Store;
use crate::bindings::{namespaces_of, objects_of, services_of};
use crate::code::CodeSource;

/// A version whose modules are in the store. Holds what names them, and the bindings.
pub(super) struct StoredVersion {
    pub store: Arc<Store>,
    pub worker: Arc<DeployedWorker>,
    /// Its place in the worker's.
    pub place: usize,
}

impl CodeSource for StoredVersion {
    fn load(&self) -> Result<WorkerCode, Failure> {
        let lost = |text: String| Failure { kind: FailureKind::Load, message: text, stack: None };
        let version = self.worker.versions.get(self.place).ok_or_else(|| lost("The version is not deployed".to_owned()))?;
        let modules = version.modules.iter().map(|module| self.module(module)).collect::<Result<_, _>>();
        let modules = modules
            .map_err(|error| lost(format!("The code of version {} could not be read on this node: {error}", version.id)))?;
        Ok(WorkerCode {
            name: self.worker.name.clone(),
            version: version.id.clone(),
            main: version.main_module.clone(),
            modules,
            env: env_of(version).to_string(),
            services: services_of(&version.services),
            objects: objects_of(&version.objects),
            namespaces: self.namespaces(),
        })
    }

    fn namespaces(&self) -> Vec<Namespace> {
        self.worker.versions.get(self.place).map(|version| namespaces_of(&version.namespaces)).unwrap_or_default()
    }
}

impl StoredVersion {
    fn module(&self, module: &ModuleRef) -> Result<Module, StoreError> {
        Ok(Module {
            name: module.name.clone(),
            kind: match module.kind {
                Kind::EsModule => ModuleKind::EsModule,
                Kind::Text => ModuleKind::Text,
                Kind::Data => ModuleKind::Data,
                Kind::Json => ModuleKind::Json,
                Kind::Wasm => ModuleKind::Wasm,
            },
            content: self.store.read(module.digest)?,
            source_map: module.source_map.map(|digest| self.store.read(digest)).transpose()?,
        })
    }
}

fn env_of(version: &DeployedVersion) -> serde_json::Value {
    let secrets = version.secrets.iter().map(|(name, value)| (name.clone(), value.clone().into()));
    version.vars.clone().into_iter().chain(secrets).collect()
}

/// What a version may use: no more than the node allows.
pub(super) fn limits_of(asked: VersionLimits, node: &Limits) -> Limits {
    let VersionLimits { cpu_ms, subrequests } = asked;
    Limits {
        cpu_per_event: cpu_ms.map_or(node.cpu_per_event, |cpu| node.cpu_per_event.min(Duration::from_millis(cpu))),
        subrequests_max: subrequests.map_or(node.subrequests_max, |most| node.subrequests_max.min(most)),
        ..node.clone()
    }
}

/// Whether isolates of one serve the other as well. Shares and routes are not theirs.
pub(super) fn is_same(one: (&DeployedWorker, &DeployedVersion), other: (&DeployedWorker, &DeployedVersion)) -> bool {
    let ((worker, version), (other_worker, other_version)) = (one, other);
    let shared = DeployedVersion {
        share: version.share,
        is_preview: version.is_preview,
        preview_host: version.preview_host.clone(),
        alias_hosts: version.alias_hosts.clone(),
        ..other_version.clone()
    };
    worker.name == other_worker.name && *version == shared
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployed::plan::tests::{version, worker};

    type Failed = Box<dyn std::error::Error>;

    #[test]
    fn its_code_is_what_the_store_has() -> Result<(), Failed> {
        let folder = tempfile::tempdir()?;
        let store = Arc::new(Store::open(folder.path())?);
        let mut version = version("v1", 100.0, b"export default {}");
        let digest = version.modules[0].digest;
        version.vars.insert("MODE".to_owned(), serde_json::json!({"level": 1}));
        version.secrets.insert("KEY".to_owned(), "hush".to_owned());
        let source = StoredVersion { store: store.clone(), worker: Arc::new(worker("a", vec![version])), place: 0 };
        let failure = source.load().err().ok_or("there is nothing to load")?;
        assert!(failure.kind == FailureKind::Load && failure.message.contains("version v1"), "{}", failure.message);
        assert_eq!(store.lost(), [digest].into());

        store.put(digest, b"export default {}")?;
        let code = source.load().map_err(|failure| failure.message)?;
        assert_eq!((code.name.as_str(), code.main.as_str(), code.modules.len()), ("name-a", "main.js", 1));
        assert_eq!(code.modules[0].content, b"export default {}"[..]);
        assert_eq!(code.env, r#"{"MODE":{"level":1},"KEY":"hush"}"#);
        Ok(())
    }

    #[test]
    fn limits_are_cut_to_those_of_the_node() {
        let node = Limits { cpu_per_event: Duration::from_millis(50), subrequests_max: 40, ..Limits::default() };
        let limits = |cpu_ms, subrequests| {
            let limits = limits_of(VersionLimits { cpu_ms, subrequests }, &node);
            (limits.cpu_per_event.as_millis(), limits.subrequests_max)
        };
        assert_eq!(limits(None, None), (50, 40));
        assert_eq!(limits(Some(u64::MAX), Some(41)), (50, 40));
        assert_eq!(limits(Some(10), Some(0)), (10, 0));
    }

    #[test]
    fn a_share_makes_no_other_version_and_all_else_does() {
        let (before, moved) = (version("v1", 100.0, b"one"), version("v1", 10.0, b"one"));
        let (one, renamed) = (worker("a", Vec::new()), DeployedWorker { name: "new".to_owned(), ..worker("a", Vec::new()) });
        assert!(is_same((&one, &before), (&one, &moved)));
        assert!(!is_same((&one, &before), (&renamed, &before)));
        assert!(!is_same((&one, &before), (&one, &version("v1", 100.0, b"two"))));
        assert!(!is_same((&one, &before), (&one, &version("v2", 100.0, b"one"))));
    }
}
