use std::time::Duration;

use serde::Deserialize;

use super::Within;

const COUNT_MIN: usize = 2;
const COUNT_MAX: usize = 16;
const SPARE: usize = 1;
const AGE_SECONDS: u64 = 24 * 60 * 60;

/// Where isolates run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Isolation {
    /// In processes of their own, in a sandbox: for code of strangers.
    #[default]
    Cells,
    /// On threads of the node's process: what ends a process ends the node. For code of one's own.
    Threads,
}

/// The processes that isolates run in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellsConfig {
    /// That tenants share.
    pub count: usize,
    /// That wait to take the place of another.
    pub spare: usize,
    /// After which one is replaced.
    pub age: Duration,
    /// What they may take of the machine's memory together, where it is not most of it.
    pub memory_bytes: Option<usize>,
    /// To go on without parts of the sandbox that the kernel lacks.
    pub allow_missing: bool,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct CellsTable {
    count: Option<Within<1, 256>>,
    spare: Option<Within<0, 64>>,
    age_seconds: Option<Within<1, 31_536_000>>,
    memory_mb: Option<Within<256, 16_777_216>>,
    allow_missing: Option<bool>,
}

impl CellsTable {
    pub fn config(self) -> CellsConfig {
        let size = |Within(number): Within<1, 256>| usize::try_from(number).unwrap_or(COUNT_MIN);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        CellsConfig {
            count: self.count.map_or_else(|| cores.clamp(COUNT_MIN, COUNT_MAX), size),
            spare: self.spare.map_or(SPARE, |Within(number)| usize::try_from(number).unwrap_or(SPARE)),
            age: Duration::from_secs(self.age_seconds.map_or(AGE_SECONDS, |Within(seconds)| seconds)),
            memory_bytes: self.memory_mb.and_then(|Within(mb)| usize::try_from(mb << 20).ok()),
            allow_missing: self.allow_missing.unwrap_or(false),
        }
    }
}
