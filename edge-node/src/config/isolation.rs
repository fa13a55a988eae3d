use std::time::Duration;

use serde::Deserialize;

use super::Within;
use crate::machine;

const COUNT_MIN: usize = 2;
const COUNT_MAX: usize = 16;
/// Of memory for each: a machine with little of it has fewer cells than cores.
const BYTES_EACH: usize = 256 << 20;
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
        let memory_bytes = self.memory_mb.and_then(|Within(mb)| usize::try_from(mb << 20).ok());
        CellsConfig {
            count: self.count.map_or_else(|| usual_count(cores, memory_bytes.unwrap_or_else(machine::memory_bytes)), size),
            spare: self.spare.map_or(SPARE, |Within(number)| usize::try_from(number).unwrap_or(SPARE)),
            age: Duration::from_secs(self.age_seconds.map_or(AGE_SECONDS, |Within(seconds)| seconds)),
            memory_bytes,
            allow_missing: self.allow_missing.unwrap_or(false),
        }
    }
}

fn usual_count(cores: usize, memory_bytes: usize) -> usize {
    cores.clamp(COUNT_MIN, COUNT_MAX).min(memory_bytes / BYTES_EACH).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_as_many_as_cores_and_memory_allow() {
        for (cores, memory_mb, expected) in
            [(1, 8_192, 2), (2, 8_192, 2), (8, 8_192, 8), (64, 65_536, 16), (64, 2_048, 8), (4, 512, 2), (4, 511, 1), (1, 100, 1)]
        {
            assert_eq!(usual_count(cores, memory_mb << 20), expected, "{cores} cores, {memory_mb} MB");
        }
        let table = CellsTable { memory_mb: Some(Within(300)), ..CellsTable::default() };
        assert_eq!(table.config().count, 1, "what cells may take counts, and not what the machine has");
    }
}
