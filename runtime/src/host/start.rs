//! How a worker starts: its modules are compiled, its global scope runs, its exports are taken.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use deno_core::v8;
use skerry_js_api::{Bound, Ports};
use skerry_messages::{Entrypoint, EventKind, Failure};

use super::{Host, load_failure};
use crate::code::WorkerCode;
use crate::code_cache::CodeCache;
use crate::compiled::Compiled;
use crate::modules::{ModuleMap, evaluate};
use crate::stack::{StackMapper, failure_of};

impl Host {
    pub(super) async fn load(
        &mut self,
        code: &Arc<WorkerCode>,
        kept: (Arc<CodeCache>, Option<Arc<Compiled>>),
    ) -> Result<Vec<Entrypoint>, Failure> {
        self.begin_turn();
        let evaluated = self.evaluate_main(code, kept);
        if let Some(failure) = self.end_start_turn() {
            return Err(failure);
        }
        let (module, done) = evaluated?;
        let settled = tokio::time::timeout(
            self.limits.start,
            poll_fn(|cx| {
                let poll = self.poll_start(cx, &done);
                self.outbox.pauses();
                poll
            }),
        )
        .await;
        settled.unwrap_or_else(|_| {
            Err(load_failure(format!("The worker's global scope did not finish within {} ms", self.limits.start.as_millis())))
        })?;
        // Worker code can run here as well: getters of what is exported.
        self.begin_turn();
        let taken = self.take_exports(&module);
        match self.end_start_turn() {
            Some(failure) => Err(failure),
            None => taken,
        }
    }

    fn take_exports(&mut self, module: &v8::Global<v8::Module>) -> Result<Vec<Entrypoint>, Failure> {
        deno_core::scope!(scope, self.isolate.js);
        let exports = v8::Local::new(scope, module).get_module_namespace();
        let start = v8::Local::new(scope, &self.isolate.hooks.start);
        let undefined = v8::undefined(scope).into();
        v8::tc_scope!(let scope, scope);
        let Some(found) = start.call(scope, undefined, &[exports]) else {
            return Err(caught(scope, &self.mapper));
        };
        Ok(entrypoints_of(scope, found))
    }

    fn evaluate_main(
        &mut self,
        code: &Arc<WorkerCode>,
        kept: (Arc<CodeCache>, Option<Arc<Compiled>>),
    ) -> Result<(v8::Global<v8::Module>, v8::Global<v8::Promise>), Failure> {
        deno_core::scope!(scope, self.isolate.js);
        let services: Vec<_> = code.services.iter().map(|service| service.binding.as_str()).collect();
        let objects: Vec<_> = code.objects.iter().map(|object| object.binding.as_str()).collect();
        let classes: Vec<_> = code.namespaces.iter().map(|own| &*own.class).collect();
        let bound = Bound { env: &code.env, services: &services, objects: &objects, classes: &classes };
        self.isolate
            .hooks
            .bind(scope, &bound, self.limits.timers_max, self.limits.memory_bytes)
            .ok_or_else(|| broken("its bindings are not a JSON object"))?;
        let hooks = &self.isolate.hooks;
        let platform = (hooks.builtin_modules.clone(), hooks.node_module.clone());
        let map = ModuleMap::install(scope, code.clone(), kept, platform);
        self.modules = Some(map.clone());
        v8::tc_scope!(let scope, scope);
        let evaluated = map.load_main(scope).and_then(|module| {
            let done = v8::Local::<v8::Promise>::try_from(evaluate(scope, module)?).ok()?;
            // A rejection is reported as the failure to start, not as one that nobody handled.
            done.mark_as_handled();
            Some((v8::Global::new(scope, module), v8::Global::new(scope, done)))
        });
        evaluated.ok_or_else(|| caught(scope, &self.mapper))
    }

    fn poll_start(&mut self, cx: &mut Context, done: &v8::Global<v8::Promise>) -> Poll<Result<(), Failure>> {
        self.begin_turn();
        let idle = self.poll_event_loop(cx);
        // Worker code can run here as well: what describes its error.
        let settled = if self.is_condemned() { None } else { self.settled(done) };
        if let Some(failure) = self.end_start_turn() {
            return Poll::Ready(Err(failure));
        }
        if let Some(settled) = settled {
            return Poll::Ready(settled);
        }
        if idle && !self.isolate.op_state.borrow().borrow::<Ports>().awaits_host() {
            return Poll::Ready(Err(load_failure("A top-level await of the worker can never settle".to_owned())));
        }
        match self.inbox.poll_next(cx) {
            Poll::Ready(Some(message)) => {
                self.take_while_starting(message);
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Poll::Ready(None) => Poll::Ready(Err(load_failure("The worker was withdrawn while it started".to_owned()))),
            Poll::Pending => Poll::Pending,
        }
    }

    /// How the evaluation of the main module ended; none while it goes on.
    fn settled(&mut self, done: &v8::Global<v8::Promise>) -> Option<Result<(), Failure>> {
        deno_core::scope!(scope, self.isolate.js);
        let done = v8::Local::new(scope, done);
        match done.state() {
            v8::PromiseState::Fulfilled => Some(Ok(())),
            v8::PromiseState::Rejected => {
                let exception = done.result(scope);
                Some(Err(failure_of(scope, exception, &self.mapper)))
            }
            v8::PromiseState::Pending => None,
        }
    }

    fn end_start_turn(&mut self) -> Option<Failure> {
        let ended = self.end_turn();
        let cpu = self.sampler.lap();
        ended.or_else(|| self.sampler.charge_unowned(cpu).then(|| self.cpu_failure()))
    }
}

fn entrypoints_of(scope: &mut v8::PinScope, found: v8::Local<v8::Value>) -> Vec<Entrypoint> {
    let Ok(found) = v8::Local::<v8::Array>::try_from(found) else { return Vec::new() };
    let mut entrypoints = Vec::new();
    for index in 0..found.length() {
        let Some(line) = found.get_index(scope, index) else { continue };
        let line = line.to_rust_string_lossy(scope);
        let (name, handlers) = line.split_once(':').unwrap_or((&line, ""));
        let handlers =
            EventKind::ALL.into_iter().filter(|kind| handlers.split(',').any(|handler| handler == kind.handler())).collect();
        entrypoints.push(Entrypoint { name: name.to_owned(), handlers });
    }
    entrypoints
}

fn caught(scope: &mut v8::PinnedRef<v8::TryCatch<v8::HandleScope>>, mapper: &StackMapper) -> Failure {
    match scope.exception() {
        Some(exception) => failure_of(scope, exception, mapper),
        None => load_failure("The worker was ended while it started".to_owned()),
    }
}

fn broken(what: &str) -> Failure {
    load_failure(format!("The platform could not start the worker: {what}"))
}
