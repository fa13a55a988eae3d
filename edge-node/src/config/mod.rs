//! A node's configuration file.

mod isolation;
mod limits;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipnet::IpNet;
use serde::Deserialize;
use skerry_runtime::Limits;

use crate::node::EvictionPolicy;
use crate::objects::Objects;
use crate::routes::Route;
use isolation::CellsTable;
pub use isolation::{CellsConfig, Isolation};
use limits::{LimitsTable, Within};

const POOL_MIN: usize = 4;
const POOL_MAX: usize = 32;
const CACHE_MB: u64 = 1_024;
const DRAIN_SECONDS: u64 = 30;

/// What a node serves, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeConfig {
    /// For clients.
    pub listen: SocketAddr,
    /// For health checks and metrics.
    pub admin: Option<SocketAddr>,
    /// How long requests under way may go on when the node stops.
    pub drain: Duration,
    pub eviction: EvictionPolicy,
    /// What the process may take of the machine's memory.
    pub memory_bytes: Option<usize>,
    /// Where isolates run.
    pub isolation: Isolation,
    pub cells: CellsConfig,
    /// How many isolates are kept ready for workers that have none: as many as were needed in a second of late, within these bounds.
    pub pool: RangeInclusive<usize>,
    /// Where compiled code is kept for the next start.
    pub cache: Option<PathBuf>,
    /// What the files there may take together.
    pub cache_bytes: u64,
    /// Where Durable Objects are kept.
    pub objects: Option<PathBuf>,
    /// How far they can go back in time.
    pub objects_history: Duration,
    /// How many of them may live at a time; else as many as the process may have files and memory for.
    pub objects_live_max: Option<usize>,
    /// For workers that set none of their own.
    pub limits: Limits,
    pub workers: Vec<WorkerConfig>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerConfig {
    /// A module, a folder, or a wrangler configuration.
    pub path: PathBuf,
    pub routes: Vec<Route>,
    /// Over those of the wrangler configuration.
    pub vars: Vec<(String, String)>,
    pub limits: Limits,
    /// What `fetch()` reaches besides public addresses.
    pub egress: Vec<IpNet>,
    /// Workers share processes only with others of the same trust.
    pub trust: String,
}

impl WorkerConfig {
    /// Whether isolates of one do for the other, code apart.
    pub fn is_alike(&self, other: &Self) -> bool {
        (&self.limits, &self.egress, &self.trust) == (&other.limits, &other.egress, &other.trust)
    }
}

/// Why a file is no configuration: file, line, what was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {message}")]
pub struct ConfigError {
    file: String,
    message: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    listen: SocketAddr,
    admin: Option<SocketAddr>,
    drain_seconds: Option<Within<0, 3_600>>,
    #[serde(default)]
    isolation: Isolation,
    #[serde(default)]
    cells: CellsTable,
    #[serde(default)]
    eviction: EvictionTable,
    #[serde(default)]
    pool: PoolTable,
    #[serde(default)]
    cache: CacheTable,
    #[serde(default)]
    objects: ObjectsTable,
    #[serde(default)]
    limits: LimitsTable,
    #[serde(default)]
    egress: EgressTable,
    #[serde(default)]
    plans: BTreeMap<String, LimitsTable>,
    #[serde(default)]
    worker: Vec<WorkerTable>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct EvictionTable {
    idle_seconds: Option<Within<1, 86_400>>,
    isolates_max: Option<Within<1, 100_000>>,
    memory_mb: Option<Within<128, 16_777_216>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct PoolTable {
    min: Option<Within<0, 1_000>>,
    max: Option<Within<0, 1_000>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct CacheTable {
    folder: Option<PathBuf>,
    folder_mb: Option<Within<1, 1_048_576>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct ObjectsTable {
    folder: Option<PathBuf>,
    history_days: Option<Within<1, 3_650>>,
    live_max: Option<Within<1, 1_000_000>>,
}

/// Networks that are closed by default and may be reached all the same.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct EgressTable {
    #[serde(default)]
    allow: Vec<Network>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(try_from = "String")]
struct Network(IpNet);

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let network = text.parse().or_else(|_| text.parse().map(|address: IpAddr| address.into()));
        network.map(Self).map_err(|_| format!("\"{text}\" is not a network: expected one like \"10.1.0.0/16\" or an address"))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WorkerTable {
    path: PathBuf,
    routes: Vec<Route>,
    #[serde(default)]
    vars: BTreeMap<String, String>,
    plan: Option<String>,
    #[serde(default)]
    trust: String,
    #[serde(default)]
    egress: EgressTable,
    #[serde(default)]
    limits: LimitsTable,
}

impl PoolTable {
    fn sizes(self) -> Result<RangeInclusive<usize>, String> {
        let number = |given: Option<Within<0, 1_000>>| given.and_then(|Within(size)| usize::try_from(size).ok());
        let (min, max) = (number(self.min), number(self.max));
        let min = min.unwrap_or_else(|| max.map_or(POOL_MIN, |max| POOL_MIN.min(max)));
        let max = max.unwrap_or(POOL_MAX.max(min));
        if min > max {
            return Err(format!("[pool]: min is {min} and max is {max}: expected min to be the smaller"));
        }
        Ok(min..=max)
    }
}

/// What is the same for all workers.
struct NodeTables {
    limits: LimitsTable,
    egress: EgressTable,
}

impl WorkerTable {
    /// The worker's own limits stand above those of its plan, and these above the node's.
    fn read(self, folder: &Path, plans: &BTreeMap<String, LimitsTable>, node: &NodeTables) -> Result<WorkerConfig, String> {
        let plan = match &self.plan {
            None => LimitsTable::default(),
            Some(name) => *plans.get(name).ok_or_else(|| {
                format!("{} has the plan \"{name}\", which there is not: expected a table [plans.{name}]", self.path.display())
            })?,
        };
        Ok(WorkerConfig {
            path: folder.join(self.path),
            routes: self.routes,
            vars: self.vars.into_iter().collect(),
            limits: self.limits.or(plan).or(node.limits).limits(),
            trust: self.trust,
            egress: node.egress.allow.iter().chain(&self.egress.allow).map(|Network(network)| *network).collect(),
        })
    }
}

impl NodeConfig {
    /// Paths in it are relative to the file's folder.
    pub fn read(file: &Path) -> Result<Self, ConfigError> {
        let in_file = |message: String| ConfigError { file: file.display().to_string(), message };
        let text = std::fs::read_to_string(file).map_err(|error| in_file(format!("cannot be read: {error}")))?;
        let folder = file.parent().unwrap_or(Path::new(""));
        Self::parse(&text, folder).map_err(in_file)
    }

    /// All as usual, and no workers.
    pub fn listening_on(listen: SocketAddr) -> Self {
        let usual = EvictionPolicy::default();
        Self {
            listen,
            admin: None,
            drain: Duration::from_secs(DRAIN_SECONDS),
            eviction: usual,
            memory_bytes: None,
            isolation: Isolation::default(),
            cells: CellsTable::default().config(),
            pool: PoolTable::default().sizes().unwrap_or(POOL_MIN..=POOL_MAX),
            cache: None,
            cache_bytes: CACHE_MB << 20,
            objects: None,
            objects_history: Objects::HISTORY,
            objects_live_max: None,
            limits: LimitsTable::default().limits(),
            workers: Vec::new(),
        }
    }

    pub(crate) fn parse(text: &str, folder: &Path) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| explain(text, &error))?;
        let usual = EvictionPolicy::default();
        let node = NodeTables { limits: file.limits, egress: file.egress };
        Ok(Self {
            listen: file.listen,
            admin: file.admin,
            drain: Duration::from_secs(file.drain_seconds.map_or(DRAIN_SECONDS, |Within(seconds)| seconds)),
            eviction: EvictionPolicy {
                idle: file.eviction.idle_seconds.map_or(usual.idle, |Within(seconds)| Duration::from_secs(seconds)),
                isolates_max: file
                    .eviction
                    .isolates_max
                    .and_then(|Within(count)| usize::try_from(count).ok())
                    .unwrap_or(usual.isolates_max),
            },
            memory_bytes: file.eviction.memory_mb.and_then(|Within(mb)| usize::try_from(mb << 20).ok()),
            isolation: file.isolation,
            cells: file.cells.config(),
            pool: file.pool.sizes()?,
            cache_bytes: file.cache.folder_mb.map_or(CACHE_MB, |Within(mb)| mb) << 20,
            cache: file.cache.folder.map(|path| folder.join(path)),
            objects_live_max: file.objects.live_max.and_then(|Within(count)| usize::try_from(count).ok()),
            objects_history: file
                .objects
                .history_days
                .map_or(Objects::HISTORY, |Within(days)| Duration::from_secs(days * 24 * 3_600)),
            objects: file.objects.folder.map(|path| folder.join(path)),
            limits: file.limits.limits(),
            workers: file.worker.into_iter().map(|worker| worker.read(folder, &file.plans, &node)).collect::<Result<_, _>>()?,
        })
    }
}

/// `line 3: what is wrong`, with the line itself.
fn explain(text: &str, error: &toml::de::Error) -> String {
    let Some(span) = error.span() else { return error.message().to_owned() };
    let before = text.get(..span.start).unwrap_or_default();
    let number = before.matches('\n').count() + 1;
    let line = text.lines().nth(number - 1).unwrap_or_default().trim_end();
    format!("line {number}: {}\n  {line}", error.message().trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    type Failure = Box<dyn std::error::Error>;

    const WHOLE: &str = r#"
listen = "127.0.0.1:8080"
admin = "127.0.0.1:9180"
drain_seconds = 5

[eviction]
idle_seconds = 60
isolates_max = 50
memory_mb = 512

[pool]
min = 40

[objects]
history_days = 7

[limits]
cpu_ms = 50
memory_mb = 64

[[worker]]
path = "api"
routes = ["api.example.com", "example.com/api/*"]
vars = { MODE = "live" }
limits = { cpu_ms = 200 }

[egress]
allow = ["10.1.0.0/16"]

[plans.free]
cpu_ms = 10
timers_max = 100

[[worker]]
path = "/srv/site.js"
routes = ["*/*"]

[[worker]]
path = "free.js"
routes = ["free.example.com"]
plan = "free"
egress = { allow = ["::1"] }
limits = { timers_max = 7 }
"#;

    #[test]
    fn a_whole_file_is_read() -> Result<(), Failure> {
        let config = NodeConfig::parse(WHOLE, Path::new("/etc/skerry"))?;
        let [api, site, free] = config.workers.as_slice() else { return Err("not three workers".into()) };
        assert_eq!((&api.path, &site.path), (&PathBuf::from("/etc/skerry/api"), &PathBuf::from("/srv/site.js")));
        assert_eq!(api.vars, [("MODE".to_owned(), "live".to_owned())]);
        assert_eq!((api.limits.cpu_per_event, api.limits.memory_bytes), (Duration::from_millis(200), 64 << 20));
        assert_eq!((site.limits.cpu_per_event, site.limits.timers_max), (Duration::from_millis(50), 10_000));
        assert_eq!((free.limits.cpu_per_event, free.limits.timers_max), (Duration::from_millis(10), 7));
        assert_eq!(free.limits.memory_bytes, 64 << 20);
        let networks = |worker: &WorkerConfig| worker.egress.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            (networks(api), networks(free)),
            (vec!["10.1.0.0/16".to_owned()], vec!["10.1.0.0/16".to_owned(), "::1/128".to_owned()])
        );
        assert_eq!((config.pool, config.memory_bytes), (40..=40, Some(512 << 20)));
        assert_eq!((config.objects, config.objects_history.as_secs()), (None, 7 * 86_400));
        assert_eq!((config.drain, config.eviction.idle), (Duration::from_secs(5), Duration::from_secs(60)));
        Ok(())
    }

    #[test]
    fn mistakes_are_named_with_their_line() -> Result<(), Failure> {
        let cases = [
            ("listen = \"127.0.0.1:8080\"\nlisten_on = 3", "line 2: unknown field `listen_on`"),
            ("listen = \"here\"", "line 1: invalid socket address"),
            ("admin = \"127.0.0.1:1\"", "missing field `listen`"),
            ("listen = \"127.0.0.1:1\"\n[limits]\nmemory_mb = 3", "line 3: 3 is out of range: expected 16 to 4096"),
            (
                "listen = \"127.0.0.1:1\"\n\n[[worker]]\npath = \"a\"\nroutes = [\"http://a\"]",
                "line 5: \"http://a\" is not a route",
            ),
            ("listen = \"127.0.0.1:1\"\n[pool]\nmin = 4\nmax = 3", "min is 4 and max is 3"),
            ("listen = \"127.0.0.1:1\"\n[objects]\nhistory_days = 0", "line 3: 0 is out of range: expected 1 to 3650"),
            ("listen = \"127.0.0.1:1\"\nworker = [", "line 2: "),
            ("listen = \"127.0.0.1:1\"\n[egress]\nallow = [\"home\"]", "line 3: \"home\" is not a network"),
            (
                "listen = \"127.0.0.1:1\"\n[[worker]]\npath = \"a\"\nroutes = [\"a\"]\nplan = \"pro\"",
                "a has the plan \"pro\", which there is not",
            ),
        ];
        for (text, expected) in cases {
            let error = NodeConfig::parse(text, Path::new("")).err().ok_or_else(|| format!("taken: {text}"))?;
            assert!(error.contains(expected), "{text}\n{error}");
        }
        Ok(())
    }
}
