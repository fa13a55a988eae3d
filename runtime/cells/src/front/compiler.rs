//! Compiled code of workers, for cells that start them.
//!
//! V8 trusts compiled code, and whoever has taken a cell over could forge it. So each worker's is made in a process of its own, of the source
//! alone, in which nothing of it is run and no other worker is ever compiled: what breaks it has broken itself.

use std::collections::VecDeque;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use bytes::Bytes;
use parking_lot::Mutex;
use rustc_hash::{FxHashMap, FxHashSet};
use skerry_runtime::{Build, CodeCache, CodeKey, Module, ModuleKind, Share, Tenant, WorkerCode};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{Notify, oneshot};

use super::Front;
use super::cell::Cell;
use super::death::{Death, Report};
use crate::channel::Hello;

/// Smaller modules are compiled as fast as compiled code is read.
const SOURCE_BYTES_MIN: usize = 64 << 10;
/// Of one worker. What is larger is compiled whenever it starts.
const SOURCE_BYTES_MAX: usize = 8 << 20;
/// What may come of it.
const COMPILED_BYTES_MAX: usize = 32 << 20;
/// What the process may allocate.
const DATA_BYTES_MAX: u64 = 2 << 30;
/// And how long it may take, also where it gets little of the processor.
const TIME_MAX: Duration = Duration::from_secs(10);
/// Whoever serves comes first.
const NICE: i32 = 10;
/// Workers of one tenant, and of all, that wait; more have to start again first.
const WAITING_MAX_OF_TENANT: usize = 32;
const WAITING_MAX: usize = 1_000;
/// How often a module is compiled, however often cells say that V8 does not take it.
const TRIES_MAX: u32 = 3;
/// Of how many modules something is known.
const KNOWN_MAX: usize = 100_000;

pub(super) struct Compiler {
    cache: CodeCache,
    build: Build,
    queue: Mutex<Queue>,
    wake: Notify,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Wanted>,
    /// Modules that wait, or are not compiled again.
    settled: FxHashSet<CodeKey>,
    /// When they were compiled, and how often they were rejected since the node's start.
    made: FxHashMap<CodeKey, Instant>,
    rejections: FxHashMap<CodeKey, u32>,
}

/// Modules of a worker, as long as it is in memory.
struct Wanted {
    tenant: Tenant,
    code: Weak<WorkerCode>,
    modules: Vec<(usize, CodeKey)>,
}

/// What an isolate was given, and when.
pub(super) struct Given {
    tenant: Tenant,
    code: Weak<WorkerCode>,
    modules: Vec<(usize, CodeKey)>,
    at: Instant,
}

/// What is kept of a worker, by the places of its modules.
#[derive(Default)]
pub(super) struct Kept {
    pub modules: Vec<Option<Arc<[u8]>>>,
    pub given: Option<Given>,
}

/// What comes from a process that compiles.
pub(super) struct Compiling {
    left: Vec<Option<CodeKey>>,
    bytes_left: usize,
    made: Vec<(CodeKey, Bytes)>,
    done: Option<oneshot::Sender<Vec<(CodeKey, Bytes)>>>,
}

impl Compiler {
    pub fn new(cache: CodeCache, build: Build) -> Self {
        Self { cache, build, queue: Mutex::default(), wake: Notify::new() }
    }

    /// Of a worker that is started now. What there is not is compiled for the next time.
    pub fn kept(&self, tenant: &Tenant, code: &Arc<WorkerCode>) -> Kept {
        let bytes: usize = code.modules.iter().filter(|module| is_worth_it(module)).map(|module| module.content.len()).sum();
        if bytes == 0 || bytes > SOURCE_BYTES_MAX {
            return Kept::default();
        }
        // All of it is hashed, and files may be read.
        off_the_runtime(|| self.find(tenant, code))
    }

    fn find(&self, tenant: &Tenant, code: &Arc<WorkerCode>) -> Kept {
        let worker = format!("{}\n{}", tenant.id, code.name);
        let mut modules = vec![None; code.modules.len()];
        let (mut given, mut missing) = (Vec::new(), Vec::new());
        for (place, module) in code.modules.iter().enumerate().filter(|(_, module)| is_worth_it(module)) {
            let key = CodeKey::of(&self.build, &worker, &module.name, &module.content);
            modules[place] = self.cache.get(key);
            if modules[place].is_some() { &mut given } else { &mut missing }.push((place, key));
        }
        self.want(Wanted { tenant: tenant.clone(), code: Arc::downgrade(code), modules: missing });
        let given = Given { tenant: tenant.clone(), code: Arc::downgrade(code), modules: given, at: Instant::now() };
        Kept { modules, given: Some(given) }
    }

    fn want(&self, mut wanted: Wanted) {
        let mut queue = self.queue.lock();
        let of_tenant = queue.waiting.iter().filter(|waiting| waiting.tenant == wanted.tenant).count();
        if queue.waiting.len() >= WAITING_MAX || of_tenant >= WAITING_MAX_OF_TENANT {
            return;
        }
        if queue.settled.len() > KNOWN_MAX {
            queue.settled.clear();
        }
        wanted.modules.retain(|(_, key)| queue.settled.insert(*key));
        if !wanted.modules.is_empty() {
            queue.waiting.push_back(wanted);
            self.wake.notify_one();
        }
    }

    /// How often something was thrown away.
    pub fn rejected(&self) -> u64 {
        self.cache.figures().rejected
    }

    /// V8 did not take it: it is compiled anew, unless that has been done meanwhile.
    pub fn reject(&self, Given { tenant, code, mut modules, at }: Given) {
        {
            let mut queue = self.queue.lock();
            if queue.rejections.len() > KNOWN_MAX {
                queue.rejections.clear();
            }
            modules.retain(|(_, key)| queue.made.get(key).is_none_or(|made| *made < at));
            for (_, key) in &modules {
                let times = queue.rejections.entry(*key).or_default();
                *times += 1;
                if *times >= TRIES_MAX {
                    queue.settled.insert(*key);
                }
            }
        }
        modules.iter().for_each(|(_, key)| self.cache.reject(*key));
        self.want(Wanted { tenant, code, modules });
    }

    async fn next(&self) -> Wanted {
        loop {
            let next = self.queue.lock().waiting.pop_front();
            if let Some(wanted) = next {
                return wanted;
            }
            self.wake.notified().await;
        }
    }

    /// They may be compiled another time.
    fn give_up(&self, modules: &[(usize, CodeKey)]) {
        let mut queue = self.queue.lock();
        for (_, key) in modules {
            queue.settled.remove(key);
        }
    }

    fn keep(&self, made: &[(CodeKey, Bytes)]) {
        for (key, bytes) in made {
            self.cache.put(*key, bytes);
        }
        let mut queue = self.queue.lock();
        if queue.made.len() > KNOWN_MAX {
            queue.made.clear();
        }
        for (key, _) in made {
            queue.settled.remove(key);
            queue.made.insert(*key, Instant::now());
        }
    }
}

/// Compiles what is wanted, one worker at a time.
pub(super) async fn run(front: Weak<Front>, compiler: Arc<Compiler>) {
    loop {
        let wanted = compiler.next().await;
        let Some(front) = front.upgrade() else { return };
        let Some(code) = wanted.code.upgrade() else {
            compiler.give_up(&wanted.modules);
            continue;
        };
        match front.compile(&code, &wanted.modules).await {
            Ok(made) => {
                let compiler = compiler.clone();
                // It may be written to a disk.
                drop(tokio::task::spawn_blocking(move || compiler.keep(&made)).await);
            }
            Err(Uncompiled::NoProcess(error)) => {
                tracing::warn!(%error, "no process can be started that compiles");
                compiler.give_up(&wanted.modules);
            }
            Err(Uncompiled::Ended(report)) => {
                let (worker, version) = (&code.name, &code.version);
                tracing::warn!(
                    worker,
                    version,
                    "the worker cannot be compiled ahead, and is compiled whenever it starts: {report}"
                );
            }
        }
    }
}

/// Ends with whoever waits for it.
struct Ended(Arc<Cell>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.kill(Death::Retired);
    }
}

enum Uncompiled {
    NoProcess(std::io::Error),
    Ended(Report),
}

impl Front {
    async fn compile(&self, code: &WorkerCode, modules: &[(usize, CodeKey)]) -> Result<Vec<(CodeKey, Bytes)>, Uncompiled> {
        // No worker is served from it, so there is nothing to be kept ready.
        let hello = Hello { number: 0, pool_min: 0, pool_max: 0, data_bytes_max: Some(DATA_BYTES_MAX), ..self.hello.clone() };
        let (share, snapshot, groups) = (Share::new(&self.options.budget), self.snapshot.clone(), self.groups.clone());
        let start = move || Cell::spawn(&hello, &snapshot, share, groups.as_deref());
        let (cell, process) = self.spawner.run(start).map_err(Uncompiled::NoProcess)?;
        process.give_way(NICE);
        let _ended_with_this = Ended(cell.clone());
        let (done, mut made) = oneshot::channel();
        let sources = source_of(code, modules);
        let living = cell.clone();
        let mut life = self.runtime.spawn(async move { living.live(process, |_| {}).await });
        if !cell.compile(&sources, Compiling::new(modules, done)) {
            cell.kill(Death::Retired);
        }
        let made = tokio::select! {
            made = &mut made => made.ok(),
            report = &mut life => return Err(Uncompiled::Ended(report.unwrap_or_else(|_| cell.report_of_panic()))),
            () = tokio::time::sleep(TIME_MAX) => None,
        };
        cell.kill(if made.is_some() { Death::Retired } else { Death::Hung });
        let report = life.await.unwrap_or_else(|_| cell.report_of_panic());
        made.ok_or(Uncompiled::Ended(report))
    }
}

/// While it runs, others have the thread's tasks.
fn off_the_runtime<T>(work: impl FnOnce() -> T) -> T {
    let is_one_of_many = Handle::try_current().is_ok_and(|handle| handle.runtime_flavor() == RuntimeFlavor::MultiThread);
    if is_one_of_many { tokio::task::block_in_place(work) } else { work() }
}

fn is_worth_it(module: &Module) -> bool {
    module.kind == ModuleKind::EsModule && module.content.len() >= SOURCE_BYTES_MIN
}

/// The modules' sources alone: nothing that is secret.
fn source_of(code: &WorkerCode, modules: &[(usize, CodeKey)]) -> WorkerCode {
    let source = |(place, _): &(usize, CodeKey)| Module { source_map: None, ..code.modules[*place].clone() };
    WorkerCode { modules: modules.iter().map(source).collect(), env: "{}".to_owned(), ..WorkerCode::default() }
}

impl Compiling {
    fn new(modules: &[(usize, CodeKey)], done: oneshot::Sender<Vec<(CodeKey, Bytes)>>) -> Self {
        let left = modules.iter().map(|(_, key)| Some(*key)).collect();
        Self { left, bytes_left: COMPILED_BYTES_MAX, made: Vec::new(), done: Some(done) }
    }

    /// What the process says.
    pub fn take(&mut self, payload: Bytes) -> Result<(), Death> {
        if payload.is_empty() {
            let done = self.done.take().ok_or_else(|| Death::broken(&"it compiles what nobody wants compiled"))?;
            // Nobody may wait any more.
            drop(done.send(std::mem::take(&mut self.made)));
            return Ok(());
        }
        let wrong = || Death::broken(&"compiled code is of a module that nobody wants compiled");
        let (place, bytes) = payload.split_first_chunk::<4>().ok_or_else(wrong)?;
        let place = usize::try_from(u32::from_le_bytes(*place)).map_err(|_| wrong())?;
        let key = self.left.get_mut(place).and_then(Option::take).ok_or_else(wrong)?;
        let too_large = || Death::broken(&"compiled code is larger than any");
        self.bytes_left = self.bytes_left.checked_sub(bytes.len()).ok_or_else(too_large)?;
        self.made.push((key, payload.slice_ref(bytes)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(name: &str, bytes: usize) -> Module {
        let content = Bytes::from(vec![b' '; bytes]);
        Module { name: name.to_owned(), kind: ModuleKind::EsModule, content, source_map: Some(Bytes::from_static(b"map")) }
    }

    fn worker(modules: Vec<Module>) -> Arc<WorkerCode> {
        Arc::new(WorkerCode { name: "w".to_owned(), env: r#"{"KEY":"secret"}"#.to_owned(), modules, ..WorkerCode::default() })
    }

    fn compiler() -> Compiler {
        Compiler::new(CodeCache::default(), Build::of_cells(b"snapshot", 1))
    }

    fn next(compiler: &Compiler) -> Option<Wanted> {
        compiler.queue.lock().waiting.pop_front()
    }

    fn made(wanted: &Wanted) -> Vec<(CodeKey, Bytes)> {
        wanted.modules.iter().map(|(_, key)| (*key, Bytes::from_static(b"compiled"))).collect()
    }

    #[test]
    fn what_is_kept_is_given_and_the_rest_compiled_once() -> Result<(), &'static str> {
        let (compiler, tenant) = (compiler(), Tenant::of("a"));
        let code = worker(vec![module("a.js", SOURCE_BYTES_MIN), module("small.js", 10), module("b.js", SOURCE_BYTES_MIN)]);
        assert!(compiler.kept(&tenant, &code).modules.iter().all(Option::is_none));
        assert!(compiler.kept(&tenant, &code).modules.iter().all(Option::is_none));
        let wanted = next(&compiler).ok_or("nothing is wanted")?;
        assert_eq!(wanted.modules.iter().map(|(place, _)| *place).collect::<Vec<_>>(), [0, 2]);
        assert!(next(&compiler).is_none(), "it is wanted once");
        compiler.keep(&made(&wanted)[..1]);
        compiler.give_up(&wanted.modules[1..]);
        let kept = compiler.kept(&tenant, &code);
        assert_eq!(kept.modules.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(next(&compiler).ok_or("the other is not wanted")?.modules[0].0, 2);
        // That of another tenant is another, also where it has the same name and content.
        assert!(compiler.kept(&Tenant::of("b"), &code).modules.iter().all(Option::is_none));
        Ok(())
    }

    #[test]
    fn what_v8_rejects_is_made_anew_three_times_and_not_for_those_who_had_the_old() -> Result<(), &'static str> {
        let (compiler, tenant) = (compiler(), Tenant::of("a"));
        let code = worker(vec![module("a.js", SOURCE_BYTES_MIN)]);
        compiler.kept(&tenant, &code);
        let given = || compiler.kept(&tenant, &code).given.ok_or("nothing is given");
        for _ in 0..TRIES_MAX {
            let wanted = next(&compiler).ok_or("it is not made anew")?;
            let late = given()?;
            std::thread::sleep(Duration::from_millis(1));
            compiler.keep(&made(&wanted));
            compiler.reject(late);
            assert!(compiler.kept(&tenant, &code).modules[0].is_some(), "what was rejected was older");
            std::thread::sleep(Duration::from_millis(1));
            compiler.reject(given()?);
            assert!(compiler.kept(&tenant, &code).modules[0].is_none());
        }
        assert!(next(&compiler).is_none(), "it is rejected too often");
        Ok(())
    }

    #[test]
    fn tenants_do_not_crowd_out_others_and_large_workers_nobody() {
        let compiler = compiler();
        for number in 0..2 * WAITING_MAX_OF_TENANT {
            let code = worker(vec![module(&number.to_string(), SOURCE_BYTES_MIN)]);
            compiler.kept(&Tenant::of("a"), &code);
        }
        compiler.kept(&Tenant::of("b"), &worker(vec![module("b.js", SOURCE_BYTES_MIN)]));
        compiler.kept(&Tenant::of("c"), &worker(vec![module("c.js", SOURCE_BYTES_MAX), module("d.js", SOURCE_BYTES_MIN)]));
        let queue = compiler.queue.lock();
        let of = |id: &str| queue.waiting.iter().filter(|waiting| &*waiting.tenant.id == id).count();
        assert_eq!([of("a"), of("b"), of("c")], [WAITING_MAX_OF_TENANT, 1, 0]);
    }

    #[test]
    fn a_process_that_compiles_gets_sources_and_gives_what_was_asked_for() -> Result<(), Box<dyn std::error::Error>> {
        let compiler = compiler();
        let code = worker(vec![module("small.js", 10), module("a.js", SOURCE_BYTES_MIN)]);
        compiler.kept(&Tenant::of("a"), &code);
        let wanted = next(&compiler).ok_or("nothing is wanted")?;
        let source = source_of(&code, &wanted.modules);
        assert_eq!((source.modules.len(), source.env.as_str(), source.modules[0].source_map.is_none()), (1, "{}", true));
        let compiling = || {
            let (done, made) = oneshot::channel();
            (Compiling::new(&wanted.modules, done), made)
        };
        let is_broken = |frames: &[&'static [u8]]| {
            let (mut compiling, _made) = compiling();
            frames.iter().any(|frame| compiling.take(Bytes::from_static(frame)).is_err())
        };
        assert!(is_broken(&[b"abc"]), "half a place");
        assert!(is_broken(&[&[1, 0, 0, 0, 7]]), "another module");
        assert!(is_broken(&[&[0, 0, 0, 0, 7], &[0, 0, 0, 0, 7]]), "twice");
        assert!(is_broken(&[b"", b""]), "after the end");
        let (mut compiling, mut made) = compiling();
        compiling.bytes_left = 3;
        assert!(compiling.take(Bytes::from_static(&[0, 0, 0, 0, 1, 2, 3, 4])).is_err(), "too large");
        assert!(made.try_recv().is_err());
        Ok(())
    }
}
