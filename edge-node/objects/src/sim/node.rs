//! A node: the product's state machines, and what it has to remember around them. All of it is gone when it crashes.

use std::collections::HashMap;
use std::sync::Arc;

use crate::batch::{Batcher, Bounds};
use crate::checker::Token;
use crate::history::Compaction;
use crate::log::{Append, Outcome, Taken};
use crate::object::{ObjectId, Position};
use crate::owner::{Broken, Gate, Ownership, Settled};
use crate::record::{Change, Entry, Record};
use skerry_messages::{PAGE_BYTES, Page, PageSet};

pub(super) struct Node {
    pub owned: HashMap<u8, Mine>,
    pub batcher: Batcher,
    /// The group under way, with its number.
    pub under_way: Option<(u64, Arc<[Append]>)>,
    pub compactions: HashMap<u8, Compacting>,
}

/// An object that the node believes to own.
pub(super) struct Mine {
    pub ownership: Ownership,
    pub taken: Taken,
    /// What its database has, confirmed or not.
    pub tokens: Vec<Token>,
    /// Writers that wait for the gate, and readers that have seen all tokens up to a count.
    pub waiting: Vec<(Position, Waiting)>,
}

#[derive(Clone, Copy)]
pub(super) enum Waiting {
    Writer(Token),
    Reader { seen: usize },
}

pub(super) struct Compacting {
    pub machine: Compaction,
    pub facts: crate::history::Facts,
    pub entries: Vec<Entry>,
    pub part: Option<(Position, Vec<Entry>)>,
    pub snapshot: Option<(Position, Vec<Token>)>,
}

/// What may leave the node now.
pub(super) enum Leaves {
    Confirmed(Token),
    Seen(Vec<Token>),
}

impl Node {
    pub(super) fn new() -> Self {
        let bounds = Bounds { group_bytes_max: 1500, group_appends_max: 6, waiting_bytes_max: 20_000 };
        Self { owned: HashMap::new(), batcher: Batcher::new(bounds), under_way: None, compactions: HashMap::new() }
    }

    /// The new owner has read the object's history.
    pub(super) fn own(&mut self, object: u8, taken: Taken, tokens: Vec<Token>) {
        let ownership = Ownership::new(taken.head, 4000);
        if let Some(before) = self.owned.insert(object, Mine { ownership, taken, tokens, waiting: Vec::new() }) {
            self.batcher.forget(id(object), before.taken.epoch);
        }
        self.compactions.remove(&object);
    }

    /// False where it may not write now.
    pub(super) fn write(&mut self, object: u8, token: Token) -> bool {
        let Some(mine) = self.owned.get_mut(&object) else { return false };
        let position = mine.ownership.given() + 1;
        let record = record(object, position, token);
        if !mine.ownership.has_room(record.len()) || mine.ownership.progress.broken.is_some() {
            return false;
        }
        let bytes = record.len();
        let append = Append {
            object: id(object),
            epoch: mine.taken.epoch,
            position,
            nonce: u128::from(token),
            time_ms: 0,
            record,
            alarm_ms: None,
            storage_bytes: PAGE_BYTES as u64,
        };
        if !self.batcher.offer(append) || mine.ownership.append(bytes).is_err() {
            return false;
        }
        mine.tokens.push(token);
        mine.waiting.push((position, Waiting::Writer(token)));
        true
    }

    /// Somebody asks what is in the object; the answer waits at the gate.
    pub(super) fn read(&mut self, object: u8) {
        let Some(mine) = self.owned.get_mut(&object) else { return };
        let seen = mine.tokens.len();
        mine.waiting.push((mine.ownership.given(), Waiting::Reader { seen }));
    }

    /// Word of a group, maybe of one long ago.
    pub(super) fn settle(&mut self, number: u64, group: &[Append], outcomes: &[Outcome]) {
        for (append, outcome) in group.iter().zip(outcomes) {
            let Some(mine) = self.owned.get_mut(&append.object.0[0]).filter(|mine| mine.taken.epoch == append.epoch) else {
                continue;
            };
            let settled = match outcome {
                Outcome::Acknowledged => Settled::Durable,
                Outcome::Deposed => Settled::Broken(Broken::Deposed),
            };
            mine.ownership.settle(append.position, settled);
            if mine.ownership.progress.broken.is_some() {
                self.batcher.forget(append.object, append.epoch);
            }
        }
        if self.under_way.as_ref().is_some_and(|(current, _)| *current == number) {
            self.under_way = None;
            self.batcher.settled();
        }
    }

    /// Everything whose gate is open leaves; what is broken is given up.
    pub(super) fn leave(&mut self, object: u8) -> Vec<Leaves> {
        let Some(mine) = self.owned.get_mut(&object) else { return Vec::new() };
        let mut leaves = Vec::new();
        let Mine { ownership, waiting, tokens, .. } = mine;
        waiting.retain(|(position, waiting)| match ownership.progress.gate(*position) {
            Gate::Closed => true,
            Gate::Broken(_) => false,
            Gate::Open => {
                leaves.push(match waiting {
                    Waiting::Writer(token) => Leaves::Confirmed(*token),
                    Waiting::Reader { seen } => Leaves::Seen(tokens[..*seen].to_vec()),
                });
                false
            }
        });
        if mine.ownership.progress.broken.is_some() && mine.waiting.is_empty() {
            self.owned.remove(&object);
            self.compactions.remove(&object);
        }
        leaves
    }
}

pub(super) fn id(object: u8) -> ObjectId {
    ObjectId([object; 32])
}

/// A page that begins with the token.
fn record(object: u8, position: Position, token: Token) -> bytes::Bytes {
    let mut page = vec![0; PAGE_BYTES];
    page[..8].copy_from_slice(&token.to_le_bytes());
    let pages = vec![Page { number: 1, bytes: page.into() }];
    let record = Record { alarm_ms: None, change: Change::Pages(PageSet { page_count: 1, pages }) };
    record.encode(id(object), position).unwrap_or_default()
}

/// The token of an entry, if it has one.
pub(super) fn token(object: u8, entry: &Entry) -> Result<Option<Token>, String> {
    match entry.read(id(object)).map_err(|error| error.to_string())?.change {
        Change::Pages(pages) => {
            let start = pages.pages.first().and_then(|page| page.bytes.first_chunk().copied());
            Ok(start.map(u64::from_le_bytes))
        }
        _ => Ok(None),
    }
}
