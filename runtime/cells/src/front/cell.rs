//! One cell, as the front has it: its process, its channel, and the isolates in it.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use skerry_runtime::{IsolateHandle, Job, Share, Tenant};
use tokio::io::AsyncReadExt;
use tokio::process::{Child, ChildStderr, Command};
use tokio::sync::{Notify, watch};

use super::death::{Death, Report, SAID_BYTES_MAX};
use super::hosted::Hosted;
use super::link::Link;
use crate::channel::{Frame, Hello, Kind, Pong, order_of, pair, sealed};

/// Code up to this size goes in the frame itself.
const CODE_BYTES_IN_FRAME: usize = 64 << 10;
/// What a process that has ended may take for its last words.
const LAST_WORDS_TIME: Duration = Duration::from_millis(200);
/// By then a cell has come up, also on a machine that does other things.
const START_TIME: Duration = Duration::from_secs(60);
/// Of fifty thousand isolates.
const PONG_BYTES_MAX: usize = 1 << 20;
/// What an isolate takes that has not been measured yet.
const UNMEASURED_BYTES: usize = 4 << 20;
/// Lines that a process prints are passed on, so many in its life.
const LINES_MAX: usize = 100;

pub(super) struct Cell {
    pub number: u32,
    link: Link,
    /// What the kernel says of it, opened while it may be read: later it is opaque.
    status: Option<File>,
    /// What all cells share of the memory that counts as theirs.
    shared_bytes: usize,
    pool_max: usize,
    /// The tenant that has it for itself.
    owner: OnceLock<Tenant>,
    hosted: Mutex<FxHashMap<u32, Arc<Hosted>>>,
    next: AtomicU32,
    ready: watch::Sender<bool>,
    began: Instant,
    /// Since when it has a place.
    placed: OnceLock<Instant>,
    health: Mutex<Health>,
    share: Share,
    /// Told to end, and why.
    kill: Notify,
    killed_for: Mutex<Option<Death>>,
    /// And how long it may take.
    draining: Mutex<Option<(Instant, Duration)>>,
    /// As far as it was looked at.
    idle_since: Mutex<Option<Instant>>,
    is_dead: AtomicBool,
}

/// What is known of how the cell is.
struct Health {
    /// Since when it owes an answer, and to which question.
    asked: Option<(Instant, u32)>,
    questions: u32,
    pong: Pong,
    /// Isolates that were started since.
    started: usize,
}

/// Why a worker is not started in a cell.
pub(super) enum HostError {
    /// It takes nothing any more.
    Gone(Box<Job>),
    Failed(io::Error),
}

impl<E: Into<io::Error>> From<E> for HostError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl Health {
    fn used_bytes(&self) -> usize {
        self.pong.used_bytes + self.started * UNMEASURED_BYTES
    }
}

/// What a process takes, in bytes.
pub(super) struct Memory {
    pub resident: usize,
    /// Without what it shares with others: files, and the snapshot.
    pub own: usize,
}

/// What is outside the cell and belongs to it.
pub(super) struct Process {
    child: Child,
    said: ChildStderr,
}

impl Cell {
    /// Starts the process. It may be given work at once, which waits for it.
    pub fn spawn(hello: &Hello, snapshot: &OwnedFd, share: Share) -> io::Result<(Arc<Self>, Process)> {
        let (ours, theirs) = pair()?;
        let mut command = Command::new("/proc/self/exe");
        command
            .arg("cell")
            .env_clear()
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn()?;
        let status = child.id().and_then(|pid| File::open(format!("/proc/{pid}/status")).ok());
        if status.is_none() {
            return Err(io::Error::other("/proc does not say what a cell takes of memory"));
        }
        let said = child.stderr.take().ok_or_else(|| io::Error::other("the cell has no standard error"))?;
        let link = Link::new(ours)?;
        let payload = serde_json::to_vec(hello)?;
        link.post(Kind::Hello, 0, vec![snapshot.try_clone()?], |out| out.extend_from_slice(&payload));
        let cell = Arc::new(Self {
            number: hello.number,
            link,
            status,
            shared_bytes: usize::try_from(rustix::fs::fstat(snapshot)?.st_size).unwrap_or(0),
            pool_max: hello.pool_max,
            owner: OnceLock::new(),
            hosted: Mutex::default(),
            next: AtomicU32::new(1),
            ready: watch::Sender::new(false),
            began: Instant::now(),
            placed: OnceLock::new(),
            health: Mutex::new(Health { asked: None, questions: 0, pong: Pong::default(), started: 0 }),
            share,
            kill: Notify::new(),
            killed_for: Mutex::default(),
            draining: Mutex::default(),
            idle_since: Mutex::default(),
            is_dead: AtomicBool::new(false),
        });
        Ok((cell, Process { child, said }))
    }

    /// Carries what passes between the cell and its isolates' outboxes, until it ends.
    pub async fn live(self: &Arc<Self>, process: Process, mut heard: impl FnMut(&Arc<Hosted>)) -> Report {
        let Process { mut child, said } = process;
        let said = tokio::spawn(listen(self.number, said));
        let death = tokio::select! {
            death = self.link.read(|frame| self.take(frame, &mut heard)) => death,
            death = self.link.write() => death,
            death = self.killed() => death,
        };
        self.is_dead.store(true, Ordering::SeqCst);
        self.link.close();
        // Nothing more is begun here: until it is known how it ended, others are asked.
        self.isolates().iter().for_each(|hosted| hosted.close());
        let _ended_already = child.start_kill();
        let status = child.wait().await.ok();
        let said = tokio::time::timeout(LAST_WORDS_TIME, said).await.ok().and_then(Result::ok).unwrap_or_default();
        self.share.set(0);
        Report { death, status, said }
    }

    /// Where what it said could not be dealt with.
    pub fn report_of_panic(&self) -> Report {
        self.is_dead.store(true, Ordering::SeqCst);
        self.link.close();
        self.share.set(0);
        Report { death: Death::broken(&"the front could not deal with it"), status: None, said: String::new() }
    }

    pub fn link(&self) -> &Link {
        &self.link
    }

    /// Starts a worker in it.
    pub fn host(self: &Arc<Self>, job: Job) -> Result<Arc<dyn IsolateHandle>, HostError> {
        if self.draining.lock().is_some() || self.is_dead() {
            return Err(HostError::Gone(Box::new(job)));
        }
        {
            let mut health = self.health.lock();
            health.started += 1;
            self.share.set(health.used_bytes());
        }
        let number = self.next.fetch_add(1, Ordering::SeqCst);
        let Job { tenant, code, limits, outbox } = job;
        let (order, parts) = order_of(&code, &limits, Vec::new());
        let head = serde_json::to_vec(&order)?;
        let length: usize = parts.iter().map(|part| part.len()).sum();
        let files = if length > CODE_BYTES_IN_FRAME { vec![sealed("code", &parts)?] } else { Vec::new() };
        let names = (code.name.clone(), code.version.clone());
        let hosted = Arc::new(Hosted::new(number, self.clone(), tenant, names, outbox));
        self.hosted.lock().insert(number, hosted.clone());
        let is_inline = files.is_empty();
        let is_sent = self.link.post(Kind::Start, number, files, |out| {
            out.extend_from_slice(&head);
            if is_inline {
                parts.iter().for_each(|part| out.extend_from_slice(part));
            }
        });
        if !is_sent {
            self.hosted.lock().remove(&number);
            return Err(io::Error::other("the cell is gone").into());
        }
        Ok(hosted)
    }

    fn take(&self, frame: Frame, heard: &mut impl FnMut(&Arc<Hosted>)) -> Result<(), Death> {
        match frame.kind {
            Kind::Message => {
                let hosted = self.hosted.lock().get(&frame.isolate).cloned();
                let Some(hosted) = hosted else {
                    let has_been = frame.isolate < self.next.load(Ordering::SeqCst);
                    let what = || Death::broken(&format!("a message is from isolate {}, which there is not", frame.isolate));
                    return if has_been { Ok(()) } else { Err(what()) };
                };
                let was_stuck = hosted.is_stuck();
                hosted.hear(frame.payload)?;
                if hosted.is_over() {
                    self.hosted.lock().remove(&frame.isolate);
                }
                if hosted.is_over() || hosted.is_stuck() != was_stuck {
                    heard(&hosted);
                }
                Ok(())
            }
            Kind::Pong => {
                let is_answer = self.health.lock().asked.is_some_and(|(_, question)| question == frame.isolate);
                if !is_answer || frame.payload.len() > PONG_BYTES_MAX {
                    return Err(Death::broken(&"a pong answers nothing, or too much"));
                }
                let pong = serde_json::from_slice(&frame.payload).map_err(|error| Death::broken(&error))?;
                self.note_pong(pong);
                Ok(())
            }
            Kind::Ready => {
                let after_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
                tracing::debug!(cell = self.number, after_ms, "a cell takes work");
                self.ready.send_replace(true);
                Ok(())
            }
            Kind::Hello | Kind::Start | Kind::Ping => Err(Death::broken(&format!("{:?} is not for the front", frame.kind))),
        }
    }

    /// No more than the process really takes.
    fn note_pong(&self, mut pong: Pong) {
        let resident = self.memory().resident;
        pong.used_bytes = pong.used_bytes.min(resident);
        {
            let hosted = self.hosted.lock();
            for (isolate, bytes) in &pong.isolates {
                if let Some(hosted) = hosted.get(isolate) {
                    hosted.set_bytes((*bytes).min(resident));
                }
            }
        }
        pong.isolates = Vec::new();
        pong.ready = pong.ready.min(self.pool_max);
        let mut health = self.health.lock();
        health.asked = None;
        health.started = 0;
        health.pong = pong;
        self.share.set(health.used_bytes());
    }

    /// Asks how it is. Since when it has not answered.
    pub fn ask(&self, now: Instant) -> Duration {
        let mut health = self.health.lock();
        if let Some((asked, _)) = health.asked {
            return now.saturating_duration_since(asked);
        }
        health.questions = health.questions.wrapping_add(1);
        let question = health.questions;
        health.asked = Some((now, question));
        drop(health);
        self.link.post(Kind::Ping, question, Vec::new(), |_| {});
        Duration::ZERO
    }

    /// Physical memory that the process takes, as the kernel says.
    pub fn memory(&self) -> Memory {
        let mut buffer = [0; 4096];
        let count = self.status.as_ref().and_then(|status| status.read_at(&mut buffer, 0).ok()).unwrap_or(0);
        let text = String::from_utf8_lossy(&buffer[..count]);
        let bytes = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().strip_suffix("kB")?.trim().parse::<usize>().ok()?.checked_mul(1024)
        };
        let of = |name: &str| bytes(name).unwrap_or(0);
        Memory { resident: of("VmRSS:"), own: of("RssAnon:") + of("RssShmem:").saturating_sub(self.shared_bytes) }
    }

    /// What it has said of itself last.
    pub fn pong(&self) -> Pong {
        self.health.lock().pong.clone()
    }

    pub fn isolates(&self) -> Vec<Arc<Hosted>> {
        self.hosted.lock().values().cloned().collect()
    }

    pub fn isolate(&self, number: u32) -> Option<Arc<Hosted>> {
        self.hosted.lock().get(&number).cloned()
    }

    /// Since it has had an isolate.
    pub fn idle_for(&self, now: Instant) -> Duration {
        let mut idle_since = self.idle_since.lock();
        if self.load() > 0 {
            *idle_since = None;
            return Duration::ZERO;
        }
        now.saturating_duration_since(*idle_since.get_or_insert(now))
    }

    /// Isolates in it.
    pub fn load(&self) -> usize {
        self.hosted.lock().len()
    }

    pub fn is_ready(&self) -> bool {
        *self.ready.borrow()
    }

    /// Waits until it can take work; false when it cannot any more.
    pub async fn wait_until_ready(&self) -> bool {
        let mut ready = self.ready.subscribe();
        tokio::select! {
            settled = ready.wait_for(|ready| *ready) => settled.is_ok(),
            () = self.dead() => false,
        }
    }

    async fn dead(&self) {
        while !self.is_dead() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub fn is_dead(&self) -> bool {
        self.is_dead.load(Ordering::SeqCst)
    }

    /// Everybody in it finishes what runs and takes nothing new. Since when that is so.
    pub fn drain(&self, now: Instant, most: Duration) {
        {
            let mut draining = self.draining.lock();
            let (since, before) = draining.unwrap_or((now, Duration::MAX));
            let is_first = draining.replace((since, before.min(most))).is_none();
            if !is_first {
                return;
            }
        }
        for hosted in self.isolates() {
            hosted.retire();
        }
    }

    pub fn is_draining(&self) -> bool {
        self.draining.lock().is_some()
    }

    /// It was told to end, and has had the time for it.
    pub fn is_overdue(&self, now: Instant) -> bool {
        self.draining.lock().is_some_and(|(since, most)| now.saturating_duration_since(since) > most)
    }

    /// It has a place now, that of this tenant alone if there is one.
    pub fn settle(&self, owner: Option<&Tenant>) {
        // A cell has one place in its life.
        self.placed.get_or_init(Instant::now);
        if let Some(owner) = owner {
            self.owner.get_or_init(|| owner.clone());
        }
    }

    pub fn owner(&self) -> Option<&Tenant> {
        self.owner.get()
    }

    /// Since it has its place.
    pub fn age(&self, now: Instant) -> Duration {
        self.placed.get().map_or(Duration::ZERO, |placed| now.saturating_duration_since(*placed))
    }

    /// It should have come up by now.
    pub fn is_late(&self, now: Instant) -> bool {
        !self.is_ready() && now.saturating_duration_since(self.began) > START_TIME
    }

    /// No worker has ever run in it.
    pub fn is_unused(&self) -> bool {
        self.next.load(Ordering::SeqCst) == 1
    }

    /// Lets go of what leads back to it.
    pub fn forget_isolates(&self) {
        let gone = std::mem::take(&mut *self.hosted.lock());
        drop(gone);
    }

    pub fn kill(&self, death: Death) {
        self.killed_for.lock().get_or_insert(death);
        self.kill.notify_one();
    }

    async fn killed(&self) -> Death {
        self.kill.notified().await;
        self.killed_for.lock().clone().unwrap_or(Death::Retired)
    }
}

/// Keeps the end of what the process prints, and passes some of it on.
async fn listen(number: u32, mut stderr: ChildStderr) -> String {
    let mut said = Vec::new();
    let mut line = Vec::new();
    let mut lines = 0;
    let mut buffer = [0; 1024];
    while let Ok(count @ 1..) = stderr.read(&mut buffer).await {
        for byte in &buffer[..count] {
            if *byte != b'\n' {
                line.push(*byte);
                if line.len() < SAID_BYTES_MAX {
                    continue;
                }
            }
            if lines < LINES_MAX && !line.is_empty() {
                lines += 1;
                tracing::debug!(cell = number, "{}", String::from_utf8_lossy(&line).escape_debug());
            }
            said.append(&mut line);
            said.push(b'\n');
            if said.len() > 2 * SAID_BYTES_MAX {
                said.drain(..said.len() - SAID_BYTES_MAX);
            }
        }
    }
    said.append(&mut line);
    String::from_utf8_lossy(&said).into_owned()
}
