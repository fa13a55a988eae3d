//! Modules that are compiled in one process for others: V8 trusts compiled code, so it is made where no worker code has run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use deno_core::v8;

use crate::blank::Blank;
use crate::code::{Module, ModuleKind, WorkerCode};
use crate::modules::compile_from_source;

/// What another process has compiled of a worker's modules, by their places.
#[derive(Debug, Default)]
pub struct Compiled {
    modules: Vec<Option<Bytes>>,
    was_rejected: AtomicBool,
}

impl Compiled {
    pub fn new(modules: Vec<Option<Bytes>>) -> Self {
        Self { modules, was_rejected: AtomicBool::new(false) }
    }

    /// V8 did not take some of it, since it was last asked: it is of another build, or damaged.
    pub fn take_rejected(&self) -> bool {
        self.was_rejected.swap(false, Ordering::Relaxed)
    }

    pub(crate) fn reject(&self) {
        self.was_rejected.store(true, Ordering::Relaxed);
    }

    pub(crate) fn of(&self, place: usize) -> Option<&Bytes> {
        self.modules.get(place)?.as_ref()
    }
}

/// The modules, compiled as far as V8 does it before they run: with all functions in it, what there is to read takes as long as compiling.
/// None where a module is no JavaScript.
pub(crate) fn compile(blank: &mut Blank, code: &Arc<WorkerCode>) -> Vec<Option<Vec<u8>>> {
    deno_core::scope!(scope, blank.js);
    let compile = |module: &Module| {
        if module.kind != ModuleKind::EsModule {
            return None;
        }
        v8::scope!(let scope, scope);
        v8::tc_scope!(let scope, scope);
        let compiled = compile_from_source(scope, module)?;
        compiled.get_unbound_module_script(scope).create_code_cache().map(|bytes| bytes.to_vec())
    };
    code.modules.iter().map(compile).collect()
}
