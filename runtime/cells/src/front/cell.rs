//! One cell, as the front has it: its process, its channel, and the isolates in it.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use skerry_runtime::{Share, Tenant};
use tokio::sync::{Notify, Semaphore, watch};

use super::answers::{Answers, Ask, Silence};
use super::cgroup::{Group, Groups};
use super::compiler::{Compiling, Given};
use super::death::{Death, Report};
use super::hosted::Hosted;
use super::link::{Link, Sent};
use super::meter::Meter;
use super::process::{Process, Seen, Watch, listen};
use crate::channel::{Frame, Hello, Kind, Pong, one_way, pair};

/// What a process that has ended may take for its last words.
const LAST_WORDS_TIME: Duration = Duration::from_millis(200);
/// By then a cell has come up, also on a machine that does other things.
const START_TIME: Duration = Duration::from_secs(60);
/// A line is an open file on either side. Isolates beyond these hear by the channel of all.
const LINES_MAX: usize = 1_024;
/// Of fifty thousand isolates.
const PONG_BYTES_MAX: usize = 1 << 20;

pub(super) struct Cell {
    pub number: u32,
    link: Link,
    /// By it, and by the lines of its isolates.
    sent: Arc<Sent>,
    lines: Arc<Semaphore>,
    watch: Watch,
    /// Where there are control groups.
    group: Option<Group>,
    meter: Meter,
    pool_max: usize,
    /// The tenant that has it for itself.
    owner: OnceLock<Tenant>,
    pub(super) hosted: Mutex<FxHashMap<u32, Arc<Hosted>>>,
    pub(super) next: AtomicU32,
    /// Of a cell that does nothing else.
    pub(super) compiling: Mutex<Option<Compiling>>,
    ready: watch::Sender<bool>,
    began: Instant,
    /// Since when it has a place.
    placed: OnceLock<Instant>,
    answers: Answers,
    /// Messages that it has said.
    said: AtomicU64,
    /// Compiled code that V8 did not take.
    rejected: Mutex<Vec<Given>>,
    /// Told to end, and why.
    kill: Notify,
    killed_for: Mutex<Option<Death>>,
    draining: Mutex<Option<Draining>>,
    /// It owes an answer for a while, and others can take what comes.
    is_avoided: AtomicBool,
    /// As far as it was looked at.
    idle_since: Mutex<Option<Instant>>,
    is_dead: AtomicBool,
}

/// Everybody in it finishes what runs.
struct Draining {
    since: Instant,
    most: Duration,
    /// What its end counts as, where it does not count as usual.
    death: Option<Death>,
}

impl Cell {
    /// Starts the process. It may be given work at once, which waits for it.
    pub fn spawn(hello: &Hello, snapshot: &OwnedFd, share: Share, groups: Option<&Groups>) -> io::Result<(Arc<Self>, Process)> {
        let (ours, theirs) = pair()?;
        let shared_bytes = usize::try_from(rustix::fs::fstat(snapshot)?.st_size).unwrap_or(0);
        let (process, watch) = Process::start(theirs, shared_bytes)?;
        // Before it is told anything: it has done nothing yet.
        let group = groups.zip(process.child.id()).map(|(groups, id)| groups.add(hello.number, id)).transpose();
        let group = group.unwrap_or_else(|error| {
            tracing::warn!(cell = hello.number, "a cell has no control group of its own: {error}");
            None
        });
        let sent = Arc::<Sent>::default();
        let link = Link::new(ours, sent.clone())?;
        let payload = serde_json::to_vec(hello)?;
        link.post(Kind::Hello, 0, vec![snapshot.try_clone()?], |out| out.extend_from_slice(&payload));
        let now = Instant::now();
        let cell = Arc::new(Self {
            number: hello.number,
            link,
            sent,
            lines: Arc::new(Semaphore::new(LINES_MAX)),
            watch,
            group,
            meter: Meter::new(hello.pool_max, now),
            pool_max: hello.pool_max,
            owner: OnceLock::new(),
            hosted: Mutex::default(),
            next: AtomicU32::new(1),
            compiling: Mutex::default(),
            ready: watch::Sender::new(false),
            began: now,
            placed: OnceLock::new(),
            rejected: Mutex::default(),
            answers: Answers::new(share),
            said: AtomicU64::new(0),
            kill: Notify::new(),
            killed_for: Mutex::default(),
            draining: Mutex::default(),
            is_avoided: AtomicBool::new(false),
            idle_since: Mutex::default(),
            is_dead: AtomicBool::new(false),
        });
        Ok((cell, process))
    }

    /// Carries what passes between the cell and its isolates' outboxes, until it ends.
    pub async fn live(self: &Arc<Self>, process: Process, mut heard: impl FnMut(&Arc<Hosted>)) -> Report {
        let Process { mut child, said } = process;
        let said = tokio::spawn(listen(self.number, said));
        let death = {
            let reading = self.link.read(|frame| self.take(frame, &mut heard));
            tokio::pin!(reading);
            tokio::select! {
                death = &mut reading => death,
                death = self.link.write() => match death {
                    // What it has said before counts, and may say more of its end.
                    Death::Ended => tokio::time::timeout(LAST_WORDS_TIME, reading).await.unwrap_or(death),
                    death => death,
                },
                death = self.killed() => death,
            }
        };
        self.is_dead.store(true, Ordering::SeqCst);
        self.link.close();
        // Nothing more is begun here: until it is known how it ended, others are asked.
        self.isolates().iter().for_each(|hosted| hosted.close());
        let _ended_already = child.start_kill();
        let status = child.wait().await.ok();
        let death = match &self.group {
            Some(group) if death == Death::Ended && group.was_out_of_memory() => {
                Death::Memory { bytes: self.seen().own, all_bytes: None }
            }
            _ => death,
        };
        let said = tokio::time::timeout(LAST_WORDS_TIME, said).await.ok().and_then(Result::ok).unwrap_or_default();
        self.answers.close();
        Report { death, status, said }
    }

    /// Where what it said could not be dealt with.
    pub fn report_of_panic(&self) -> Report {
        self.is_dead.store(true, Ordering::SeqCst);
        self.link.close();
        self.answers.close();
        Report { death: Death::broken(&"the front could not deal with it"), status: None, said: String::new() }
    }

    pub fn link(&self) -> &Link {
        &self.link
    }

    /// A channel for one of its isolates alone, if there are not too many; the end that is the isolate's, too.
    pub fn open_line(self: &Arc<Self>) -> Option<(Arc<Link>, OwnedFd)> {
        // Nobody would write to it.
        let runtime = tokio::runtime::Handle::try_current().ok()?;
        let permit = self.lines.clone().try_acquire_owned().ok()?;
        // Where there are no more files, there is the channel of all.
        let (ours, theirs) = one_way().ok()?;
        let link = Arc::new(Link::new(ours, self.sent.clone()).ok()?);
        let (cell, line) = (self.clone(), link.clone());
        runtime.spawn(async move {
            match line.write().await {
                Death::Ended => line.close(),
                // Its isolate would wait for what is lost.
                death => cell.kill(death),
            }
            drop(permit);
        });
        Some((link, theirs))
    }

    fn take(&self, frame: Frame, heard: &mut impl FnMut(&Arc<Hosted>)) -> Result<(), Death> {
        self.said.fetch_add(1, Ordering::Relaxed);
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
                if !self.answers.is_answer(frame.isolate) || frame.payload.len() > PONG_BYTES_MAX {
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
                if let Some(group) = &self.group {
                    group.raise();
                }
                Ok(())
            }
            Kind::Compiled => self.take_compiled(frame.payload),
            Kind::Taken => {
                let taken = <[u8; 4]>::try_from(&frame.payload[..]).map_err(|_| Death::broken(&"a count is no number"))?;
                // One that is over needs none.
                if let Some(hosted) = self.isolate(frame.isolate) {
                    hosted.return_untaken(u32::from_le_bytes(taken));
                }
                Ok(())
            }
            Kind::Hello | Kind::Start | Kind::Ping | Kind::Compile | Kind::Line => {
                Err(Death::broken(&format!("{:?} is not for the front", frame.kind)))
            }
        }
    }

    /// No more than the process really takes.
    fn note_pong(&self, mut pong: Pong) {
        let resident = self.seen().resident;
        pong.used_bytes = pong.used_bytes.min(resident);
        {
            let hosted = self.hosted.lock();
            for (isolate, bytes) in &pong.isolates {
                if let Some(hosted) = hosted.get(isolate) {
                    hosted.set_bytes((*bytes).min(resident));
                }
            }
            let rejected = pong.rejected.iter().filter_map(|isolate| hosted.get(isolate));
            self.rejected.lock().extend(rejected.filter_map(|hosted| hosted.take_compiled()));
        }
        pong.isolates = Vec::new();
        pong.rejected = Vec::new();
        pong.ready = pong.ready.min(self.pool_max);
        self.is_avoided.store(false, Ordering::Relaxed);
        self.meter.note_charged(Duration::from_micros(pong.charged_us));
        self.answers.note(pong);
    }

    /// An isolate more, whose size is not known yet.
    pub(super) fn note_started(&self) {
        self.answers.note_start();
    }

    pub(super) fn takes_work(&self) -> bool {
        !self.is_draining() && !self.is_dead()
    }

    /// Asks how it is. How long it has not answered.
    pub fn ask(&self, now: Instant) -> Silence {
        match self.answers.ask(self.seen().cpu, self.said.load(Ordering::Relaxed), now) {
            Ask::Owed(silence) => silence,
            Ask::Now { question } => {
                self.link.post(Kind::Ping, question, Vec::new(), |_| {});
                Silence::default()
            }
        }
    }

    /// Looks at what the kernel says of the process. What is wrong with that, if something is.
    pub fn look(&self, now: Instant) -> Option<String> {
        let seen = self.watch.look();
        self.meter.look(&seen, self.load(), self.sent.so_far(), now)
    }

    /// What the kernel said last.
    pub fn seen(&self) -> Seen {
        self.watch.seen()
    }

    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// It owes an answer for a while.
    pub fn is_slow(&self) -> bool {
        self.answers.is_slow()
    }

    /// What comes is for others, which can take it.
    pub fn avoid(&self, avoid: bool) {
        self.is_avoided.store(avoid, Ordering::Relaxed);
    }

    pub fn is_avoided(&self) -> bool {
        self.is_avoided.load(Ordering::Relaxed)
    }

    /// Compiled code that V8 has not taken of late.
    pub fn take_rejected(&self) -> Vec<Given> {
        std::mem::take(&mut *self.rejected.lock())
    }

    /// What it has said of itself last.
    pub fn pong(&self) -> Pong {
        self.answers.pong()
    }

    /// What its isolates take, as it says.
    pub fn used_bytes(&self) -> usize {
        self.answers.used_bytes()
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

    /// Everybody in it finishes what runs and takes nothing new, for so long at the most. `death` is what that counts as, if not as usual.
    pub fn drain(&self, now: Instant, most: Duration, death: Option<Death>) {
        {
            let mut draining = self.draining.lock();
            if let Some(before) = &mut *draining {
                before.most = before.most.min(now.saturating_duration_since(before.since).saturating_add(most));
                before.death = before.death.take().or(death);
                return;
            }
            *draining = Some(Draining { since: now, most, death });
        }
        for hosted in self.isolates() {
            hosted.retire();
        }
    }

    pub fn is_draining(&self) -> bool {
        self.draining.lock().is_some()
    }

    /// It was told to end for what it uses.
    pub fn is_runaway(&self) -> bool {
        self.draining.lock().as_ref().is_some_and(|draining| matches!(draining.death, Some(Death::Runaway { .. })))
    }

    /// It was told to end, and nothing is left in it but code that cannot be stopped, or it has had the time for it: what it dies of.
    pub fn is_drained(&self, now: Instant) -> Option<Death> {
        let (is_overdue, death) = {
            let draining = self.draining.lock();
            let Draining { since, most, death } = draining.as_ref()?;
            (now.saturating_duration_since(*since) > *most, death.clone())
        };
        let isolates = self.isolates();
        let usual = if isolates.is_empty() {
            Death::Retired
        } else if isolates.iter().all(|hosted| hosted.is_stuck()) {
            Death::Stuck
        } else if is_overdue {
            Death::DrainedTooLong
        } else {
            return None;
        };
        Some(death.unwrap_or(usual))
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

    /// It takes work, whether it has said so or not.
    pub fn has_come_up(&self) -> bool {
        self.is_ready() || self.isolates().iter().any(|hosted| hosted.has_started())
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
