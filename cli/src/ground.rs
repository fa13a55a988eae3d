//! What isolates run on: threads of this process, or cells.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::ValueEnum;
use skerry_edge::cells::{CellOptions, Cells};
use skerry_edge::{Budget, CodeCache, HashSeed, Isolates, Isolation, Limits, NodeConfig, Pool, machine};

/// Part of the machine's memory that the cells of a node may take together.
const MEMORY_PERCENT: usize = 90;

/// Where isolates run, as it is given on the command line.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IsolationArg {
    /// In processes of their own, in a sandbox: for code of strangers.
    Cells,
    /// On threads of the node's process: for code of your own.
    Threads,
}

impl IsolationArg {
    /// What the command line says goes before what the configuration does.
    pub fn apply(arg: Option<Self>, config: &mut NodeConfig) {
        match arg {
            Some(Self::Cells) => config.isolation = Isolation::Cells,
            Some(Self::Threads) => config.isolation = Isolation::Threads,
            None => {}
        }
    }
}

/// What the process is set up for.
pub(crate) enum Ground {
    Threads,
    /// The snapshot that isolates start from.
    Cells {
        snapshot: Vec<u8>,
    },
}

impl Ground {
    /// Before anything that could start a thread.
    pub fn prepare(config: &NodeConfig) -> Result<Self> {
        machine::raise_open_files();
        let kept_in = config.cache.as_deref();
        let trusted = config.workers.iter().find(|worker| !worker.trust.is_empty());
        if let (Isolation::Threads, Some(worker)) = (config.isolation, trusted) {
            let (name, trust) = (worker.path.display(), &worker.trust);
            anyhow::bail!(
                "{name}: trust = {trust:?} keeps workers apart in cells, and there are none: leave it out, or use isolation = \"cells\""
            );
        }
        let prepared = match config.isolation {
            Isolation::Threads => {
                skerry_edge::initialize(largest_worker(config), HashSeed::Random { kept_in }).map(|()| Self::Threads)
            }
            Isolation::Cells => Self::for_cells(kept_in),
        };
        prepared.with_context(|| {
            let folder = kept_in.map_or(String::new(), |folder| format!("{}: ", folder.display()));
            format!("{folder}the node's own snapshot cannot be had")
        })
    }

    /// The snapshot is kept in the folder.
    pub fn for_cells(kept_in: Option<&Path>) -> std::io::Result<Self> {
        skerry_edge::make_snapshot(kept_in).map(|snapshot| Self::Cells { snapshot })
    }

    /// Threads, with the snapshot that every process of the build has: it takes no time, and strangers can know its seed.
    pub fn of_build() -> std::io::Result<Self> {
        skerry_edge::initialize(Limits::default().memory_bytes, HashSeed::OfBuild).map(|()| Self::Threads)
    }

    /// Takes no request yet, but could.
    pub async fn isolates(self, config: &NodeConfig, budget: Arc<Budget>) -> Result<Arc<dyn Isolates>> {
        let cache = CodeCache::new(config.cache.as_deref(), config.cache_bytes).with_context(|| {
            let folder = config.cache.as_deref().unwrap_or(Path::new(""));
            format!("{}: compiled code cannot be kept there", folder.display())
        })?;
        match self {
            Self::Threads => {
                let pool = Pool::new(config.pool.clone(), &config.limits, cache, budget);
                Ok(Arc::new(pool.context("the isolate pool has no thread")?))
            }
            Self::Cells { snapshot } => {
                let options = CellOptions {
                    count: config.cells.count,
                    spare: config.cells.spare,
                    pool: config.pool.clone(),
                    limits: config.limits.clone(),
                    memory_bytes_max: largest_worker(config),
                    snapshot,
                    budget,
                    all_memory_bytes_max: config
                        .cells
                        .memory_bytes
                        .unwrap_or_else(|| machine::memory_bytes() / 100 * MEMORY_PERCENT),
                    age_max: config.cells.age,
                    drain: config.drain,
                    allow_missing: config.cells.allow_missing,
                };
                Ok(Arc::new(Cells::start(options, cache).await.context("isolation = \"cells\"")?))
            }
        }
    }
}

/// WebAssembly memories can be no larger than this, as long as the process lives.
pub(crate) fn largest_worker(config: &NodeConfig) -> usize {
    let usual = Limits::default().memory_bytes.max(config.limits.memory_bytes);
    config.workers.iter().map(|worker| worker.limits.memory_bytes).fold(usual, usize::max)
}
