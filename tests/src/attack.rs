//! Attacks: see `attacks/README.md`.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::json;

use crate::client;
use crate::family;
use crate::neighbour::{self, Latencies, Neighbour};
use crate::server::Server;

const HOSTILE: &str = "hostile.example";
const NEIGHBOUR: &str = "neighbour.example";
const LIMITS: [(&str, u64); 3] = [("cpu_ms", 50), ("start_cpu_ms", 200), ("memory_mb", 128)];
const MB: u64 = 1 << 20;
/// How long the neighbour is measured alone, and attacked at least.
const ALONE: Duration = Duration::from_millis(160);
/// How often it is asked then, at least.
const ASKED_MIN: u32 = 20;
/// How long before that it is asked.
const WARM_UP: Duration = Duration::from_millis(50);
const ATTACKED_MIN: Duration = Duration::from_millis(200);
/// The machine does other things too: only a neighbour that waits each time waits for the attack.
const TRIES: usize = 3;
/// For so long the kernel lets a thread compute before another gets the core: a neighbour that was faster alone was lucky.
const SLICE: Duration = Duration::from_millis(3);
/// With this variable in the environment no neighbour may be slowed down by more than is promised; it takes a machine that does nothing else
/// to tell.
const STRICT: &str = "SKERRY_ATTACKS_STRICT";
/// On any machine this is no noise.
const STARVED: Duration = Duration::from_millis(500);
/// By when the worker serves and the node rests again.
const RECOVERY: Duration = Duration::from_secs(6);

/// Has workers do to their process what only a worker does that has taken it over.
const FAULTS: &str = "SKERRY_TEST_FAULTS";

/// Where the node runs isolates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Threads,
    Cells,
}

impl Mode {
    pub const ALL: [Self; 2] = [Self::Threads, Self::Cells];

    pub fn name(self) -> &'static str {
        match self {
            Self::Threads => "threads",
            Self::Cells => "cells",
        }
    }

    /// All tenants share one: whoever ends it ends that of the neighbour, too.
    fn configuration(self) -> String {
        format!("isolation = {:?}\ncells = {{ count = 1 }}\n", self.name())
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attack {
    /// What has to be built before the attack can be withstood; it is then listed as ignored. `cells` are there.
    awaits: Option<String>,
    /// The worker may ask its cell for faults, which there are in no other mode.
    #[serde(default)]
    faults: bool,
    /// What does not hold yet. The attack shows what does.
    pub known_gap: Option<String>,
    /// Classes of Durable Objects of the hostile worker, each bound under its name. The neighbour is an object then, too.
    #[serde(default)]
    objects: Vec<String>,
    /// Those of the hostile worker that differ from `LIMITS`.
    #[serde(default)]
    limits: BTreeMap<String, u64>,
    /// By how much the node's resident memory may grow; three times the worker's limit if it is not given.
    growth_mb_max: Option<u64>,
    /// What the neighbour may wait for whose cell is ended; without it, no longer than is promised.
    neighbour_ms_max: Option<u64>,
    /// How long the neighbour is watched after the answers.
    #[serde(default)]
    linger_ms: u64,
    /// False where the global scope is the attack: no request of the worker ever succeeds.
    #[serde(default = "yes")]
    starts: bool,
    /// The isolate is another one after the attack. Expected where only 503 is.
    replaced: Option<bool>,
    /// False where a thread of the node computes on after the attack, when nobody else wants its core, and the worker may wait for it.
    #[serde(default = "yes")]
    rests: bool,
    /// Whether the answers with 200 must all differ.
    #[serde(default)]
    distinct: bool,
    /// Printed lines must contain these.
    #[serde(default)]
    log: Vec<String>,
    /// No printed line may contain these.
    #[serde(default)]
    log_never: Vec<String>,
    /// No printed line may begin with these.
    #[serde(default)]
    forged: Vec<String>,
    send: Vec<Send>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Send {
    #[serde(default = "attack")]
    path: String,
    #[serde(default = "one")]
    count: usize,
    #[serde(default = "one")]
    at_once: usize,
    /// By when each must be answered.
    #[serde(default = "seconds")]
    seconds_max: u64,
    /// Each is a status and a part of the body; `(cut off)` stands before a body that breaks off.
    outcomes: Vec<String>,
    /// Nowhere in an answer, its head included.
    #[serde(default)]
    never: Vec<String>,
}

fn yes() -> bool {
    true
}

fn attack() -> String {
    "/attack".to_owned()
}

fn one() -> usize {
    1
}

fn seconds() -> u64 {
    2
}

/// An attack on a node that runs isolates in one way, and where it lies.
#[derive(Debug, Clone)]
pub struct Located {
    pub name: String,
    pub mode: Mode,
    folder: PathBuf,
    pub attack: Attack,
}

/// All attacks in the folder, by name; each on nodes of every mode.
pub fn all(attacks: &Path) -> Result<Vec<Located>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(attacks).with_context(|| attacks.display().to_string())? {
        let folder = entry?.path();
        if folder.is_dir() {
            let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let text = std::fs::read_to_string(folder.join("attack.toml")).with_context(|| format!("{name}: attack.toml"))?;
            for mode in Mode::ALL {
                let attack = Attack::parse(&text, mode).with_context(|| format!("{name}: attack.toml"))?;
                if mode == Mode::Cells || !attack.faults {
                    found.push(Located { name: format!("{name} ({})", mode.name()), mode, folder: folder.clone(), attack });
                }
            }
        }
    }
    found.sort_by(|a, b| (a.mode == Mode::Cells, &a.name).cmp(&(b.mode == Mode::Cells, &b.name)));
    Ok(found)
}

/// What was measured.
pub struct Figures {
    alone: Latencies,
    attacked: Latencies,
    /// From the first request to the last answer, of the slowest round.
    answered_after: Duration,
    /// By which the node's resident memory grew.
    growth_bytes: u64,
    /// What the neighbour may wait, where that is not what is promised.
    allowed: Option<Duration>,
}

impl Figures {
    /// The neighbour waits no longer than is promised: 3x what it waits alone, and 5 ms; but as long as it may where its cell is ended.
    pub fn is_as_promised(&self) -> bool {
        self.attacked.p99() <= self.allowed.unwrap_or(self.alone.p99().max(SLICE) * 3 + Duration::from_millis(5))
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let Self { alone, attacked, answered_after, growth_bytes, .. } = self;
        write!(formatter, "neighbour alone {alone}, attacked {attacked}; answered after {answered_after:.1?}; ")?;
        write!(formatter, "memory grew by {} MB", growth_bytes / MB)
    }
}

/// Carries out an attack; again when the neighbour waited for longer than is promised. Gives the best figures.
pub fn run(located: &Located) -> Result<Figures> {
    let mut tries = Vec::new();
    while tries.len() < TRIES && !tries.last().is_some_and(Figures::is_as_promised) {
        tries.push(once(located)?);
    }
    tries.sort_by_key(|figures| figures.attacked.p99());
    let said: Vec<_> = tries.iter().map(Figures::to_string).collect();
    let best = tries.swap_remove(0);
    let is_fair = best.is_as_promised() || (best.attacked.p99() <= STARVED && std::env::var_os(STRICT).is_none());
    ensure!(is_fair, "the neighbour waits for too long:\n{}", said.join("\n"));
    Ok(best)
}

fn once(located: &Located) -> Result<Figures> {
    let attack = &located.attack;
    let folder = tempfile::tempdir()?;
    let config = folder.path().join("node.toml");
    std::fs::write(&config, located.configuration(folder.path())?)?;
    let variables: &[_] = if attack.faults { &[(FAULTS, "1")] } else { &[] };
    let mut server = Server::start_edge_with(&config, &[], variables)?;
    let carried_out = attack.carry_out(&mut server);
    // A dead process is the finding, whatever else went wrong.
    std::thread::sleep(Duration::from_millis(10));
    let lives = server.is_running();
    carried_out.with_context(|| {
        let printed = server.printed();
        let from = printed.char_indices().rev().nth(600).map_or(0, |(index, _)| index);
        format!("{}; the node printed:\n{}", if lives { "the node lives" } else { "THE NODE IS DEAD" }, &printed[from..])
    })
}

impl Located {
    /// Of a node in this folder.
    fn configuration(&self, node: &Path) -> Result<String> {
        let attacks = self.folder.parent().context("an attack lies in the folder of attacks")?;
        let of_attack = &self.attack.objects;
        let (hostile, neighbour) = if of_attack.is_empty() {
            (self.folder.join("worker.js"), attacks.join("neighbour.js"))
        } else {
            let hostile = with_objects(&node.join("hostile"), &self.folder.join("worker.js"), of_attack)?;
            (hostile, with_objects(&node.join("neighbour"), &attacks.join("neighbour-object.js"), &["Neighbour".to_owned()])?)
        };
        let table = |limits: &mut dyn Iterator<Item = (&str, u64)>| {
            limits.map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>().join(", ")
        };
        let worker = |path: &Path, host: &str, limits: String| {
            format!("[[worker]]\npath = {path:?}\nroutes = [\"{host}/*\"]\nlimits = {{ {limits} }}\n")
        };
        let of_node = table(&mut LIMITS.into_iter());
        let of_hostile = table(&mut self.attack.limits.iter().map(|(name, value)| (name.as_str(), *value)));
        Ok(format!(
            "listen = \"127.0.0.1:0\"\n{}[objects]\nfolder = \"objects\"\n{}\n[limits]\n{}\n",
            self.mode.configuration(),
            worker(&hostile, HOSTILE, of_hostile) + &worker(&neighbour, NEIGHBOUR, String::new()),
            of_node.replace(", ", "\n"),
        ))
    }
}

/// Makes a project of a worker with these classes of objects. Gives its folder.
fn with_objects(project: &Path, worker: &Path, classes: &[String]) -> Result<PathBuf> {
    let name = project.file_name().context("a project has a name")?.to_string_lossy();
    let bindings: Vec<_> = classes.iter().map(|class| json!({ "name": class, "class_name": class })).collect();
    let configuration = json!({
        "name": name, "main": worker, "compatibility_date": "2026-01-01", "durable_objects": { "bindings": bindings },
        "migrations": [{ "tag": "v1", "new_sqlite_classes": classes }],
    });
    std::fs::create_dir(project)?;
    std::fs::write(project.join("wrangler.json"), configuration.to_string())?;
    Ok(project.to_owned())
}

impl Attack {
    /// What `[cells]` says stands above the rest, on nodes with cells.
    fn parse(text: &str, mode: Mode) -> Result<Self> {
        let mut table: toml::Table = text.parse()?;
        if let (Some(toml::Value::Table(of_cells)), Mode::Cells) = (table.remove("cells"), mode) {
            table.extend(of_cells);
        }
        Ok(table.try_into()?)
    }

    /// What has to be built first, in this mode.
    pub fn awaits(&self, mode: Mode) -> Option<&str> {
        self.awaits.as_deref().filter(|awaits| *awaits != "cells" || mode == Mode::Threads)
    }

    fn carry_out(&self, server: &mut Server) -> Result<Figures> {
        let address = server.address();
        if self.starts {
            self.recovered(server)?;
        }
        let period = if self.objects.is_empty() { neighbour::PERIOD } else { neighbour::PERIOD_OF_OBJECT };
        let alone_for = ALONE.max(period * ASKED_MIN);
        // Warm, and after the work that a node does when it has started.
        Neighbour::measure(address, NEIGHBOUR, period, WARM_UP)?;
        rests(server)?;
        let alone = Neighbour::measure(address, NEIGHBOUR, period, alone_for)?;
        let neighbour = Neighbour::start(address, NEIGHBOUR, period);
        let (answered, growth_bytes) = watching_memory(server, || self.rounds(address));
        // First of all: does the neighbour live?
        let attacked = neighbour.stop();
        let answered_after = answered?;
        let attacked = attacked?;
        if self.rests {
            self.recovered(server)?;
            rests(server)?;
        }
        ensure!(server.is_running(), "the process has ended");
        let growth_mb_max = self.growth_mb_max.unwrap_or(3 * self.limit("memory_mb"));
        let grew = growth_bytes / MB;
        ensure!(grew <= growth_mb_max, "the node's memory grew by {grew} MB, and may by {growth_mb_max} MB");
        self.check_log(server)?;
        let allowed = self.neighbour_ms_max.map(Duration::from_millis);
        Ok(Figures { alone, attacked, answered_after, growth_bytes, allowed })
    }

    fn limit(&self, name: &str) -> u64 {
        let usual = LIMITS.into_iter().find_map(|(other, value)| (other == name).then_some(value));
        self.limits.get(name).copied().or(usual).unwrap_or_default()
    }

    /// As often as it takes for the neighbour to be measured. Says how long the slowest round took.
    fn rounds(&self, address: SocketAddr) -> Result<Duration> {
        let began = Instant::now();
        let mut slowest = Duration::ZERO;
        let mut seen = Vec::new();
        while began.elapsed() < ATTACKED_MIN {
            let round = Instant::now();
            for send in &self.send {
                seen.extend(send.carry_out(address)?);
            }
            slowest = slowest.max(round.elapsed());
            std::thread::sleep(Duration::from_millis(self.linger_ms));
        }
        let count = seen.len();
        seen.sort();
        seen.dedup();
        ensure!(!self.distinct || (count > 1 && seen.len() == count), "{count} answers, {} of them different", seen.len());
        Ok(slowest)
    }

    /// The worker serves again, in a new isolate if it has been ended.
    fn recovered(&self, server: &Server) -> Result<()> {
        if !self.starts {
            return Ok(());
        }
        let is_503 = |outcome: &String| outcome.starts_with("503");
        let replaced = self.replaced.unwrap_or_else(|| self.send.iter().all(|send| send.outcomes.iter().all(is_503)));
        let began = Instant::now();
        loop {
            let answer = ask(server.address(), "/", RECOVERY)?;
            if answer.starts_with("200 ") {
                ensure!(!replaced || answer == "200 1", "the isolate was not replaced: {answer}");
                return Ok(());
            }
            ensure!(began.elapsed() < RECOVERY, "the worker does not serve again: {answer}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn check_log(&self, server: &Server) -> Result<()> {
        for text in &self.log {
            server.wait_for(text)?;
        }
        let printed = server.printed();
        for line in printed.lines() {
            let is_forged = self.forged.iter().any(|start| line.starts_with(start));
            ensure!(!is_forged && !self.log_never.iter().any(|part| line.contains(part)), "the log has the line {line:?}");
        }
        Ok(())
    }
}

impl Send {
    /// Gives the bodies of the answers with 200.
    fn carry_out(&self, address: SocketAddr) -> Result<Vec<String>> {
        let mut bodies = Vec::new();
        for batch in (0..self.count).collect::<Vec<_>>().chunks(self.at_once) {
            let (answers, received) = mpsc::channel();
            for _ in batch {
                let (answers, path, patience) = (answers.clone(), self.path.clone(), Duration::from_secs(self.seconds_max));
                std::thread::spawn(move || answers.send(ask(address, &path, patience)));
            }
            drop(answers);
            for answer in received {
                let answer = answer.with_context(|| self.path.clone())?;
                self.check(&answer)?;
                bodies.extend(answer.strip_prefix("200 ").map(str::to_owned));
            }
        }
        Ok(bodies)
    }

    fn check(&self, answer: &str) -> Result<()> {
        let (status, text) = answer.split_once(' ').unwrap_or_default();
        let fits = |outcome: &String| {
            let (expected, part) = outcome.split_once(' ').unwrap_or((outcome, ""));
            status == expected && text.contains(part)
        };
        let shown: String = answer.chars().take(500).collect();
        ensure!(self.outcomes.iter().any(fits), "{} gave {shown:?}, expected {:?}", self.path, self.outcomes);
        let told = self.never.iter().find(|part| text.contains(part.as_str()));
        ensure!(told.is_none(), "{} tells {told:?}: {shown}", self.path);
        Ok(())
    }
}

/// The status and the body of the worker's answer; its head as well where that has names nobody of ours sets.
fn ask(address: SocketAddr, path: &str, patience: Duration) -> Result<String> {
    let request = format!("GET {path} HTTP/1.1\r\nhost: {HOSTILE}\r\nconnection: close\r\n\r\n");
    let (answers, received) = mpsc::channel();
    std::thread::spawn(move || answers.send(client::raw(address, request.as_bytes())));
    let raw = received.recv_timeout(patience).with_context(|| format!("{path} was not answered within {patience:?}"))??;
    let answer = client::parse(&raw)?;
    let is_chunked = answer.header("transfer-encoding").is_some();
    let length: Option<usize> = answer.header("content-length").and_then(|length| length.parse().ok());
    let is_whole = if is_chunked { raw.ends_with(b"0\r\n\r\n") } else { length.is_none_or(|length| answer.body.len() == length) };
    let injected = answer.headers.iter().filter(|(name, _)| name.starts_with("x-injected"));
    let injected: String = injected.map(|(name, value)| format!("{name}: {value}\n")).collect();
    let cut = if is_whole { "" } else { "(cut off)" };
    Ok(format!("{} {cut}{injected}{}", answer.status, answer.text()))
}

/// Does something, and says by how much the node's resident memory grew at most meanwhile.
fn watching_memory<T>(server: &Server, work: impl FnOnce() -> T) -> (T, u64) {
    let before = server.resident_bytes();
    let (ended, peak) = (AtomicBool::new(false), AtomicU64::new(before));
    let done = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                peak.fetch_max(server.resident_bytes(), Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        let done = work();
        ended.store(true, Ordering::Relaxed);
        done
    });
    (done, peak.into_inner().saturating_sub(before))
}

/// Nothing of the attack goes on computing: within a moment the node uses hardly a core.
fn rests(server: &Server) -> Result<()> {
    const WINDOW: Duration = Duration::from_millis(50);
    let began = Instant::now();
    loop {
        let before = family::cpu_time(server.pid());
        std::thread::sleep(WINDOW);
        let used = family::cpu_time(server.pid()).saturating_sub(before);
        // The clock goes in steps of 10 ms.
        if used <= WINDOW * 3 / 5 {
            return Ok(());
        }
        ensure!(began.elapsed() < RECOVERY, "{RECOVERY:?} after the attack the node still computes: {used:?} in {WINDOW:?}");
    }
}
