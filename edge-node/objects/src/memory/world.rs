//! Logs, rows and blobs as maps, by the same rules as the real ones.

use std::collections::{BTreeMap, HashMap};
use std::time::SystemTime;

use bytes::Bytes;

use crate::log::{Append, Known, Outcome, Tail, Taken};
use crate::meta::{MetaError, Revision, Row, Transaction};
use crate::object::{Digest, Epoch, Millis, Object, ObjectId, Position};
use crate::record::{Change, Entry, PagesError, Record};
use crate::sim::{Mutant, is_broken_by};

#[derive(Default)]
pub(crate) struct World {
    pub objects: BTreeMap<ObjectId, Kept>,
    pub rows: BTreeMap<String, Row>,
    pub revisions: Vec<Revision>,
    pub blobs: HashMap<Digest, (Bytes, SystemTime)>,
    epoch: Epoch,
}

pub(crate) struct Kept {
    pub known: Known,
    pub entries: BTreeMap<Position, (u128, Entry)>,
    head_ms: Millis,
}

impl World {
    pub(crate) fn append(&mut self, append: &Append) -> Outcome {
        let Some(kept) = self.objects.get_mut(&append.object) else { return Outcome::Deposed };
        let is_own = kept.known.epoch == append.epoch || is_broken_by(Mutant::NoEpochInGuard);
        if is_own && kept.known.head + 1 == append.position {
            let known = &mut kept.known;
            (known.head, known.changed, kept.head_ms) = (append.position, append.position, append.time_ms);
            known.changed_ms = append.time_ms;
            (known.alarm_ms, known.storage_bytes) = (append.alarm_ms, append.storage_bytes);
            known.tail_bytes += append.record.len() as u64;
            let entry = Entry { position: append.position, time_ms: append.time_ms, record: append.record.clone() };
            kept.entries.insert(append.position, (append.nonce, entry));
            return Outcome::Acknowledged;
        }
        let is_there = kept.entries.get(&append.position).is_some_and(|(nonce, _)| *nonce == append.nonce);
        if is_there { Outcome::Acknowledged } else { Outcome::Deposed }
    }

    /// Gives the namespace of the object if it is another.
    pub(crate) fn take_over(&mut self, object: &Object, now_ms: Millis) -> Result<Result<Taken, String>, PagesError> {
        self.epoch += 1;
        let epoch = self.epoch;
        let kept = self.objects.entry(object.id).or_insert_with(|| Kept {
            known: Known {
                object: object.clone(),
                birth: epoch,
                epoch,
                created_ms: now_ms,
                head: 0,
                changed: 0,
                changed_ms: 0,
                floor: 0,
                tail_bytes: 0,
                alarm_ms: None,
                storage_bytes: 0,
            },
            entries: BTreeMap::new(),
            head_ms: now_ms,
        });
        if kept.known.object.namespace != object.namespace {
            return Ok(Err(kept.known.object.namespace.clone()));
        }
        kept.known.object.name = kept.known.object.name.clone().or_else(|| object.name.clone());
        kept.head_ms = kept.head_ms.max(now_ms);
        (kept.known.epoch, kept.known.head) = (epoch, kept.known.head + 1);
        let (head, time_ms) = (kept.known.head, kept.head_ms);
        let record = Record { alarm_ms: kept.known.alarm_ms, change: Change::Fence }.encode(object.id, head)?;
        kept.entries.insert(head, (0, Entry { position: head, time_ms, record }));
        Ok(Ok(Taken { epoch, head, time_ms, object: kept.known.clone() }))
    }

    pub(crate) fn read(&self, object: ObjectId, after: Position, bytes_max: usize) -> Option<Tail> {
        let kept = self.objects.get(&object)?;
        let (mut entries, mut bytes) = (Vec::new(), 0);
        for (_, entry) in kept.entries.range(after + 1..).map(|(_, kept)| kept) {
            if bytes > 0 && bytes + entry.record.len() > bytes_max {
                break;
            }
            bytes += entry.record.len();
            entries.push(entry.clone());
        }
        Some(Tail { birth: kept.known.birth, floor: kept.known.floor, entries })
    }

    pub(crate) fn trim(&mut self, object: ObjectId, epoch: Epoch, upto: Position) -> bool {
        let Some(kept) = self.objects.get_mut(&object) else { return false };
        let known = &mut kept.known;
        if known.epoch != epoch || known.floor >= upto || known.head < upto {
            return false;
        }
        known.floor = upto;
        kept.entries.retain(|position, _| *position > upto);
        known.tail_bytes = kept.entries.values().map(|(_, entry)| entry.record.len() as u64).sum();
        true
    }

    pub(crate) fn commit(&mut self, wanted: &Transaction) -> Result<u64, MetaError> {
        for (key, expected) in &wanted.expects {
            if self.rows.get(key).map(|row| row.version) != *expected {
                return Err(MetaError::Conflict(key.clone()));
            }
        }
        let version = self.revisions.len() as u64 + 1;
        let mut writes = BTreeMap::new();
        for (key, value) in &wanted.writes {
            match value {
                Some(value) => drop(self.rows.insert(key.clone(), Row { value: value.clone(), version })),
                None => drop(self.rows.remove(key)),
            }
            writes.insert(key.clone(), value.clone());
        }
        self.revisions.push(Revision { number: version, writes: writes.into_iter().collect() });
        Ok(version)
    }
}
