//! What a cell is told to be, and to run.

use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use skerry_runtime::{Compiled, Limits, Module, ModuleKind, Namespace, ObjectBinding, Service, WorkerCode};

/// What a cell is told first. The snapshot comes with it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Hello {
    pub number: u32,
    /// What a worker may use at the most.
    pub memory_bytes_max: usize,
    /// What isolates may take together.
    pub budget_bytes: usize,
    /// For the isolates that are made ahead.
    pub limits: Limits,
    pub pool_min: usize,
    pub pool_max: usize,
    /// What the process may have of memory of its own.
    pub data_bytes_max: Option<u64>,
    /// Parts of the sandbox that the kernel lacks are done without.
    pub allow_missing: bool,
    /// Workers can have the cell do what none does.
    pub faults: bool,
}

/// A worker to run, or to compile. Its code follows: bindings, each module and its source map, then what was compiled of modules.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    name: String,
    version: String,
    main: String,
    env_bytes: usize,
    modules: Vec<ModuleHead>,
    services: Vec<Service>,
    objects: Vec<ObjectBinding>,
    namespaces: Vec<Namespace>,
    pub limits: Limits,
    /// Places of the modules of which there is compiled code, and the bytes it has.
    compiled: Vec<(usize, usize)>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ModuleHead {
    name: String,
    kind: ModuleKind,
    bytes: usize,
    map_bytes: Option<usize>,
}

/// How a cell says that it is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Pong {
    /// What its isolates take.
    pub used_bytes: usize,
    /// CPU time that its workers have used, in microseconds.
    pub charged_us: u64,
    /// Isolates that wait for work.
    pub ready: usize,
    /// Modules that were compiled with what was kept, without, and with what had to be thrown away.
    pub cache: [u64; 3],
    /// Isolates whose compiled code V8 did not take, each once.
    pub rejected: Vec<u32>,
    /// What each isolate takes, where that has changed, and now and then.
    pub isolates: Vec<(u32, usize)>,
}

/// The order for a worker, and the parts of what follows it.
pub(crate) fn order_of<'c>(code: &'c WorkerCode, limits: &Limits, compiled: &'c [Option<Arc<[u8]>>]) -> (Order, Vec<&'c [u8]>) {
    let mut parts: Vec<&[u8]> = vec![code.env.as_bytes()];
    let mut modules = Vec::with_capacity(code.modules.len());
    for module in &code.modules {
        parts.push(&module.content);
        parts.extend(module.source_map.as_deref());
        let map_bytes = module.source_map.as_ref().map(Bytes::len);
        modules.push(ModuleHead { name: module.name.clone(), kind: module.kind, bytes: module.content.len(), map_bytes });
    }
    let kept = || compiled.iter().enumerate().filter_map(|(place, bytes)| Some((place, bytes.as_deref()?)));
    parts.extend(kept().map(|(_, bytes)| bytes));
    let compiled = kept().map(|(place, bytes)| (place, bytes.len())).collect();
    let (name, version, main) = (code.name.clone(), code.version.clone(), code.main.clone());
    let order = Order {
        name,
        version,
        main,
        env_bytes: code.env.len(),
        modules,
        services: code.services.clone(),
        objects: code.objects.clone(),
        namespaces: code.namespaces.clone(),
        limits: limits.clone(),
        compiled,
    };
    (order, parts)
}

/// The worker's code and what was compiled of it, if it is all there.
pub(crate) fn code_of(order: &Order, mut parts: Bytes) -> Option<(WorkerCode, Option<Compiled>)> {
    let mut take = |length: usize| (length <= parts.len()).then(|| parts.split_to(length));
    let env = String::from_utf8(take(order.env_bytes)?.to_vec()).ok()?;
    let modules = order.modules.iter().map(|head| {
        let content = take(head.bytes)?;
        let source_map = match head.map_bytes {
            Some(length) => Some(take(length)?),
            None => None,
        };
        Some(Module { name: head.name.clone(), kind: head.kind, content, source_map })
    });
    let modules = modules.collect::<Option<_>>()?;
    let mut compiled = vec![None; order.modules.len()];
    for (place, length) in &order.compiled {
        *compiled.get_mut(*place)? = Some(take(*length)?);
    }
    let compiled = (!order.compiled.is_empty()).then(|| Compiled::new(compiled));
    let (name, version, main) = (order.name.clone(), order.version.clone(), order.main.clone());
    let code = WorkerCode {
        name,
        version,
        main,
        modules,
        env,
        services: order.services.clone(),
        objects: order.objects.clone(),
        namespaces: order.namespaces.clone(),
    };
    Some((code, compiled))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_comes_as_it_was() {
        let module = |name: &str, map: Option<&'static [u8]>| Module {
            name: name.to_owned(),
            kind: ModuleKind::EsModule,
            content: Bytes::from(name.to_owned()),
            source_map: map.map(Bytes::from_static),
        };
        let modules = vec![module("a.js", None), module("", Some(b"map")), module("c.js", Some(b""))];
        let (name, version, main) = ("w".to_owned(), "v".to_owned(), "a.js".to_owned());
        let service = |entrypoint: Option<&str>, props: Option<&str>| Service {
            binding: "OTHER".to_owned(),
            service: "other".into(),
            entrypoint: entrypoint.map(str::to_owned),
            props: props.map(Into::into),
        };
        let (binding, namespace, class) = ("ROOMS".to_owned(), "0".repeat(32), "Room".to_owned());
        let objects = vec![ObjectBinding { binding, namespace, class }];
        let services = vec![service(None, None), service(Some("Admin"), Some(r#"{"role":"owner"}"#))];
        let namespaces = vec![Namespace { id: "1".repeat(32).into(), class: "Own".into() }];
        let code = WorkerCode { name, version, main, modules, env: r#"{"A":1}"#.to_owned(), services, objects, namespaces };
        let kept: Vec<Option<Arc<[u8]>>> = vec![None, Some(Arc::from(&b"compiled"[..])), None];
        let (order, parts) = order_of(&code, &Limits::default(), &kept);
        let whole = Bytes::from(parts.concat());
        let (read, compiled) = code_of(&order, whole.clone()).unwrap_or_default();
        assert_eq!(read, code);
        assert_eq!(
            format!("{compiled:?}"),
            format!("{:?}", Some(Compiled::new(vec![None, Some(Bytes::from_static(b"compiled")), None])))
        );
        assert!(code_of(&order, whole.slice(..whole.len() - 1)).is_none());
    }
}
