mod beside;
mod faults;
mod life;
mod past;
mod sqlite;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use skerry_messages::{PAGE_BYTES, Page, PageSet};

use super::{Engine, Options, Stores};
use crate::clock::Clock;
use crate::memory::{Memory, Random};
use crate::object::{Millis, Object, ObjectId, Position};
use crate::owner::{AppendError, Commit, Owned};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A clock that stands still until it is set.
#[derive(Default)]
struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now_ms(&self) -> Millis {
        self.0.load(Relaxed)
    }
}

impl TestClock {
    fn set(&self, now_ms: Millis) {
        self.0.store(now_ms, Relaxed);
    }
}

fn object(number: u8) -> Object {
    Object { id: ObjectId([number; 32]), namespace: "space".into(), name: Some(format!("object {number}")) }
}

fn stores(memory: &Arc<Memory>) -> Stores {
    Stores { log: memory.clone(), meta: memory.clone(), blob: memory.clone() }
}

/// Over stores in memory, which outlive it.
async fn over(memory: &Arc<Memory>, folder: &Path, options: Options) -> Result<Engine, Failure> {
    Ok(Engine::with(stores(memory), &folder.join("cache"), options).await?)
}

/// Logs are cut after a few entries.
fn short(clock: &Arc<TestClock>) -> Options {
    Options { tail_entries_max: 5, clock: clock.clone(), ..Options::default() }
}

/// What a database should be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Model {
    pages: Vec<Vec<u8>>,
    alarm_ms: Option<Millis>,
}

impl Model {
    /// Changes some pages, and maybe their number.
    fn change(&mut self, random: &mut Random) -> Commit {
        let before = self.pages.len();
        self.pages.resize(1 + random.below(12), vec![0; PAGE_BYTES]);
        let mut changed: Vec<usize> = (0..random.below(4)).map(|_| random.below(self.pages.len())).collect();
        changed.extend(before..self.pages.len());
        changed.sort_unstable();
        changed.dedup();
        let mut pages = Vec::new();
        for place in changed {
            let page = &mut self.pages[place];
            let (start, value) = (random.below(PAGE_BYTES - 64), random.next() as u8);
            page[start..start + 64].fill(value);
            pages.push(Page { number: place as u32 + 1, bytes: page.clone().into() });
        }
        self.alarm_ms = random.chance(50).then(|| random.below(1000) as i64);
        Commit { pages: PageSet { page_count: self.pages.len() as u32, pages }, alarm_ms: self.alarm_ms }
    }

    fn bytes(&self) -> Vec<u8> {
        self.pages.concat()
    }
}

/// A small commit with this number in it.
fn numbered(number: u64) -> Commit {
    let mut page = vec![0; PAGE_BYTES];
    page[..8].copy_from_slice(&number.to_le_bytes());
    let pages = vec![Page { number: 1, bytes: page.into() }];
    Commit { pages: PageSet { page_count: 1, pages }, alarm_ms: None }
}

fn number(file: &Path) -> Result<u64, Failure> {
    let bytes = std::fs::read(file)?;
    Ok(bytes.first_chunk().map_or(0, |chunk| u64::from_le_bytes(*chunk)))
}

/// Gives the position once it is durable.
async fn write(owned: &Owned, commit: Commit) -> Result<Position, Failure> {
    let position = owned.append(commit)?;
    owned.acknowledged().wait_for(position).await?;
    Ok(position)
}

/// What every position was.
type Positions = BTreeMap<Position, Model>;

async fn exported(engine: &Engine, object: ObjectId, bookmark: Option<&str>, folder: &Path) -> Result<Vec<u8>, Failure> {
    let file = folder.join(format!("export-{}", uuid::Uuid::new_v4()));
    engine.export(object, bookmark, &file).await?;
    Ok(std::fs::read(file)?)
}

/// Waits until the log of an object is cut, which happens behind its appends.
async fn cut(engine: &Engine, object: ObjectId, upto: Position) -> Result<(), Failure> {
    for _ in 0..500 {
        if engine.object(object).await?.ok_or("no object")?.floor >= upto {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    Err(format!("the log is not cut at {upto}").into())
}
