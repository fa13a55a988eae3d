//! Does what [`Compaction`] says, for objects whose logs have become long.

use std::collections::HashSet;
use std::sync::Arc;

use skerry_messages::PAGE_BYTES;
use tokio::sync::mpsc;

use super::compaction::{Compaction, Facts, Step};
use super::{History, Listed, Part, Snapshot};
use crate::engine::{Options, Stores};
use crate::error::EngineError;
use crate::log::Known;
use crate::metrics::{Figures, add};
use crate::object::{Digest, ObjectId, Position};
use crate::record::{Change, Entry, Run};
use crate::recover::{Built, Recovery};

/// Of the log that one part takes.
const PART_BYTES_MAX: usize = 8 << 20;

pub(crate) struct Compactor {
    pub stores: Stores,
    pub recovery: Recovery,
    pub options: Arc<Options>,
    pub figures: Arc<Figures>,
    /// One object at a time is cut.
    pub turn: tokio::sync::Mutex<()>,
}

impl Compactor {
    /// One object after another, as long as it is polled.
    pub(crate) async fn run(self: Arc<Self>, mut long: mpsc::UnboundedReceiver<ObjectId>) {
        let mut objects = Vec::new();
        while long.recv_many(&mut objects, 1000).await > 0 {
            let distinct: HashSet<_> = objects.drain(..).collect();
            for object in distinct {
                if let Err(error) = self.compact(object, false).await {
                    tracing::warn!("the log of object {object} stays long for now: {error}");
                }
            }
        }
    }

    /// Moves the log into parts if it is due, or if it must, and forgets what is too old.
    pub(crate) async fn compact(&self, object: ObjectId, is_forced: bool) -> Result<(), EngineError> {
        let _turn = self.turn.lock().await;
        let mut compaction = Compaction::new(is_forced);
        let (mut entries, mut part, mut snapshot): (Vec<Entry>, Option<Part>, Option<Snapshot>) = (Vec::new(), None, None);
        let Some(mut known) = self.stores.log.find(object).await? else { return Ok(()) };
        let history = self.stores.history(object, known.birth);
        let mut facts = self.facts(&known, &history).await?;
        loop {
            let step = compaction.step(&facts);
            match step {
                Step::Rest => break,
                Step::Read { after } => {
                    let tail = self.stores.log.read(object, after, PART_BYTES_MAX).await?;
                    let Some(tail) = tail.filter(|tail| tail.birth == known.birth) else { return Ok(()) };
                    let Some(last) = tail.entries.last().map(|entry| entry.position) else { break };
                    entries = tail.entries;
                    compaction.read(last, self.restores(&history, &entries).await?);
                }
                Step::Write => {
                    part = self.write(&history, &std::mem::take(&mut entries)).await?;
                    compaction.done(step);
                }
                Step::ListPart => {
                    if let Some(part) = part.take() {
                        history.list(&Listed::Part(part)).await?;
                    }
                    compaction.done(step);
                }
                Step::Trim { upto } => {
                    if !self.stores.log.trim(object, known.epoch, upto).await? {
                        // Somebody else owns it: the next one trims it.
                        return Ok(());
                    }
                    compaction.done(step);
                }
                Step::Snapshot { at } => {
                    snapshot = Some(self.snapshot(&history, at).await?);
                    compaction.done(step);
                }
                Step::ListSnapshot => {
                    if let Some(snapshot) = snapshot.take() {
                        history.list(&Listed::Snapshot(snapshot)).await?;
                    }
                    compaction.done(step);
                }
            }
            if matches!(step, Step::Trim { .. } | Step::ListSnapshot) {
                let Some(now) = self.stores.log.find(object).await?.filter(|now| now.birth == known.birth) else { return Ok(()) };
                known = now;
                facts = self.facts(&known, &history).await?;
            }
        }
        self.expire(&history).await
    }

    async fn facts(&self, known: &Known, history: &History) -> Result<Facts, EngineError> {
        let base = history.base(known.head).await?;
        Ok(Facts {
            floor: known.floor,
            head: known.head,
            tail_bytes: known.tail_bytes,
            tail_bytes_max: self.options.tail_bytes_max,
            tail_entries_max: self.options.tail_entries_max,
            parts_bytes: base.parts.iter().map(|part| part.bytes).sum(),
            database_bytes: known.storage_bytes,
        })
    }

    /// Those that are not snapshots yet.
    async fn restores(&self, history: &History, entries: &[Entry]) -> Result<Vec<Position>, EngineError> {
        let mut found = Vec::new();
        for entry in entries {
            let record = entry.read(history.object).map_err(|error| history.damaged(entry.position, error))?;
            if matches!(record.change, Change::Restore(_)) {
                let snapshot = history.base(entry.position).await?.snapshot;
                if snapshot.is_none_or(|snapshot| snapshot.position != entry.position) {
                    found.push(entry.position);
                }
            }
        }
        Ok(found)
    }

    async fn write(&self, history: &History, entries: &[Entry]) -> Result<Option<Part>, EngineError> {
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return Ok(None) };
        let mut run = Run::new(history.object);
        entries.iter().for_each(|entry| run.push(entry));
        let (blob, bytes) = history.put(run).await?;
        add(&self.figures.parts, 1);
        add(&self.figures.blob_bytes, bytes);
        Ok(Some(Part { first: first.position, last: last.position, first_ms: first.time_ms, blob, bytes }))
    }

    async fn snapshot(&self, history: &History, at: Position) -> Result<Snapshot, EngineError> {
        let built = self.recovery.scratch(history, at).await?;
        self.snapshot_of(history, at, &built).await
    }

    /// Of a database that was built already: at `at` it is this one.
    pub(crate) async fn snapshot_of(&self, history: &History, at: Position, built: &Built) -> Result<Snapshot, EngineError> {
        let mut blobs: Vec<Digest> = Vec::new();
        let pages = (built.length / PAGE_BYTES as u64) as u32;
        let mut next = 1;
        while next <= pages || blobs.is_empty() {
            let record = built.record(next).await?;
            let record = record.encode(history.object, at).map_err(|error| history.damaged(at, error))?;
            let mut run = Run::new(history.object);
            run.push(&Entry { position: at, time_ms: built.time_ms, record });
            let (blob, bytes) = history.put(run).await?;
            add(&self.figures.blob_bytes, bytes);
            blobs.push(blob);
            next += Built::PAGES_AT_ONCE;
        }
        add(&self.figures.snapshots, 1);
        Ok(Snapshot { position: at, time_ms: built.time_ms, page_count: pages, alarm_ms: built.alarm_ms, blobs })
    }
}
