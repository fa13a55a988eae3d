//! What a cell is told to be, and to run.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use skerry_runtime::{Limits, Module, ModuleKind, WorkerCode};

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

/// A worker to run. Its code follows: bindings, then each module and its source map, in this order.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    name: String,
    version: String,
    main: String,
    env_bytes: usize,
    modules: Vec<ModuleHead>,
    pub limits: Limits,
    /// Of the modules whose compiled code comes with it as memory files, in this order.
    pub compiled: Vec<usize>,
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
    /// Isolates that wait for work.
    pub ready: usize,
    /// Modules that were compiled with what was kept, without, and with what had to be thrown away.
    pub cache: [u64; 3],
    /// What each isolate takes.
    pub isolates: Vec<(u32, usize)>,
}

/// The order for a worker, and the parts of what follows it.
pub(crate) fn order_of<'c>(code: &'c WorkerCode, limits: &Limits, compiled: Vec<usize>) -> (Order, Vec<&'c [u8]>) {
    let mut parts: Vec<&[u8]> = vec![code.env.as_bytes()];
    let mut modules = Vec::with_capacity(code.modules.len());
    for module in &code.modules {
        parts.push(&module.content);
        parts.extend(module.source_map.as_deref());
        let map_bytes = module.source_map.as_ref().map(Bytes::len);
        modules.push(ModuleHead { name: module.name.clone(), kind: module.kind, bytes: module.content.len(), map_bytes });
    }
    let (name, version, main) = (code.name.clone(), code.version.clone(), code.main.clone());
    let order = Order { name, version, main, env_bytes: code.env.len(), modules, limits: limits.clone(), compiled };
    (order, parts)
}

/// The worker's code, if it is all there.
pub(crate) fn code_of(order: &Order, mut parts: Bytes) -> Option<WorkerCode> {
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
    Some(WorkerCode { name: order.name.clone(), version: order.version.clone(), main: order.main.clone(), modules, env })
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
        let code = WorkerCode { name, version, main, modules, env: r#"{"A":1}"#.to_owned() };
        let (order, parts) = order_of(&code, &Limits::default(), Vec::new());
        let whole = Bytes::from(parts.concat());
        assert_eq!(code_of(&order, whole.clone()), Some(code));
        assert_eq!(code_of(&order, whole.slice(..whole.len() - 1)), None);
    }
}
