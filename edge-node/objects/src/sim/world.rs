//! Two nodes that both may believe to own an object, a store, and what is under way between them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::node::{self, Compacting, Leaves, Node, id};
use crate::checker::{Happening, Token};
use crate::history::{Compaction, Facts, Step};
use crate::log::{Append, Outcome};
use crate::memory::{Random, World};
use crate::object::{Object, Position};
use crate::record::Entry;

pub(super) const OBJECTS: u8 = 3;
const NODES: usize = 2;

enum Message {
    Group { node: usize, life: u64, number: u64, group: Arc<[Append]> },
    Reply { node: usize, life: u64, number: u64, group: Arc<[Append]>, outcomes: Vec<Outcome> },
}

pub(super) struct Simulation {
    random: Random,
    store: World,
    /// What the log does not hold any more, by object and last position; and databases by object and position. Listed ones only.
    parts: BTreeMap<(u8, Position), Vec<Entry>>,
    snapshots: BTreeMap<(u8, Position), Vec<Token>>,
    nodes: Vec<Node>,
    /// Counts the crashes of each node: replies to a life before are nobody's.
    lives: Vec<u64>,
    network: Vec<Message>,
    pub history: Vec<Happening>,
    next_token: Token,
    next_group: u64,
    /// Percentages.
    lost: usize,
    repeated: usize,
}

impl Simulation {
    pub(super) fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let (lost, repeated) = (random.below(40), random.below(40));
        let nodes = (0..NODES).map(|_| Node::new()).collect();
        Self {
            random,
            store: World::default(),
            parts: BTreeMap::new(),
            snapshots: BTreeMap::new(),
            nodes,
            lives: vec![0; NODES],
            network: Vec::new(),
            history: Vec::new(),
            next_token: 1,
            next_group: 1,
            lost,
            repeated,
        }
    }

    pub(super) fn run(mut self, steps: usize) -> Vec<Happening> {
        for _ in 0..steps {
            self.step();
        }
        for object in 0..OBJECTS {
            self.history.push(match self.recover(object, Position::MAX) {
                Ok(tokens) => Happening::Left { object, tokens },
                Err(why) => Happening::Lost { object, why },
            });
        }
        self.history
    }

    fn step(&mut self) {
        let (node, object) = (self.random.below(NODES), self.random.below(OBJECTS.into()) as u8);
        match self.random.below(100) {
            0..25 => self.write(node, object),
            25..30 => self.nodes[node].read(object),
            30..45 => self.send(node),
            45..82 => self.deliver(),
            82..85 => self.take_over(node, object),
            85..99 => self.compact(node, object),
            _ => self.crash(node),
        }
        for object in 0..OBJECTS {
            for leaves in self.nodes[node].leave(object) {
                self.history.push(match leaves {
                    Leaves::Confirmed(token) => Happening::Confirmed { object, token },
                    Leaves::Seen(tokens) => Happening::Seen { object, tokens },
                });
            }
        }
    }

    fn write(&mut self, node: usize, object: u8) {
        let token = self.next_token;
        if self.nodes[node].write(object, token) {
            self.next_token += 1;
            let epoch = self.nodes[node].owned[&object].taken.epoch;
            self.history.push(Happening::Wrote { object, epoch, token });
        }
    }

    /// The next group, or the one under way again: its reply may be lost.
    fn send(&mut self, node: usize) {
        if self.nodes[node].under_way.is_none() {
            let number = self.next_group;
            self.next_group += 1;
            self.nodes[node].under_way = self.nodes[node].batcher.next_group().map(|group| (number, group));
        }
        if let Some((number, group)) = self.nodes[node].under_way.clone() {
            let life = self.lives[node];
            self.post(Message::Group { node, life, number, group });
        }
    }

    fn post(&mut self, message: Message) {
        if !self.random.chance(self.lost) {
            self.network.push(message);
        }
    }

    /// Any message that is under way, whichever was sent first.
    fn deliver(&mut self) {
        if self.network.is_empty() {
            return;
        }
        let place = self.random.below(self.network.len());
        let message = self.network.swap_remove(place);
        match message {
            Message::Group { node, life, number, group } => {
                let outcomes = group.iter().map(|append| self.store.append(append)).collect();
                if self.random.chance(self.repeated) {
                    self.network.push(Message::Group { node, life, number, group: group.clone() });
                }
                self.post(Message::Reply { node, life, number, group, outcomes });
            }
            Message::Reply { node, life, number, group, outcomes } => {
                if self.random.chance(self.repeated) {
                    let again = Message::Reply { node, life, number, group: group.clone(), outcomes: outcomes.clone() };
                    self.network.push(again);
                }
                if self.lives[node] == life {
                    self.nodes[node].settle(number, &group, &outcomes);
                }
            }
        }
    }

    /// For whatever reason: nothing depends on whether the owner before is dead.
    fn take_over(&mut self, node: usize, object: u8) {
        let wanted = Object { id: id(object), namespace: "space".into(), name: None };
        let Ok(Ok(taken)) = self.store.take_over(&wanted, 0) else { return };
        if self.random.chance(self.lost) {
            return;
        }
        match self.recover(object, taken.head) {
            Ok(found) => {
                self.history.push(Happening::Owned { object, epoch: taken.epoch, node, found: found.clone() });
                self.nodes[node].own(object, taken, found);
            }
            Err(why) => self.history.push(Happening::Lost { object, why }),
        }
    }

    fn crash(&mut self, node: usize) {
        self.nodes[node] = Node::new();
        self.lives[node] += 1;
    }

    /// As the product does it: newest snapshot, parts, log.
    fn recover(&self, object: u8, upto: Position) -> Result<Vec<Token>, String> {
        let Some(kept) = self.store.objects.get(&id(object)) else { return Ok(Vec::new()) };
        let upto = upto.min(kept.known.head);
        let base = self.snapshots.range((object, 0)..=(object, upto)).next_back();
        let (mut at, mut tokens) = base.map_or((0, Vec::new()), |((_, position), tokens)| (*position, tokens.clone()));
        let parts = self.parts.range((object, 0)..=(object, Position::MAX)).flat_map(|(_, entries)| entries);
        let log = kept.entries.values().map(|(_, entry)| entry);
        for entry in parts.chain(log) {
            if entry.position <= at || entry.position > upto {
                continue;
            }
            if entry.position != at + 1 {
                return Err(format!("position {} is missing", at + 1));
            }
            at = entry.position;
            tokens.extend(node::token(object, entry)?);
        }
        if at < upto { Err(format!("position {} is missing", at + 1)) } else { Ok(tokens) }
    }

    fn facts(&self, object: u8) -> Option<Facts> {
        let known = &self.store.objects.get(&id(object))?.known;
        let snapshot = self.snapshots.range((object, 0)..=(object, Position::MAX)).next_back().map_or(0, |((_, at), _)| *at);
        let parts = self.parts.range((object, snapshot)..=(object, Position::MAX)).count();
        Some(Facts {
            floor: known.floor,
            head: known.head,
            tail_bytes: known.tail_bytes,
            tail_bytes_max: 600,
            tail_entries_max: 8,
            // A snapshot after every third part.
            parts_bytes: parts as u64 * (2 << 20),
            database_bytes: 4096,
        })
    }

    /// One step of an object's compaction: a crash may come behind each.
    fn compact(&mut self, node: usize, object: u8) {
        let Some(epoch) = self.nodes[node].owned.get(&object).map(|mine| mine.taken.epoch) else { return };
        let Some(facts) = self.facts(object) else { return };
        let new = || Compacting { machine: Compaction::new(false), facts, entries: Vec::new(), part: None, snapshot: None };
        let mut work = self.nodes[node].compactions.remove(&object).unwrap_or_else(new);
        let step = work.machine.step(&work.facts);
        match step {
            Step::Rest => return,
            Step::Read { after } => {
                work.entries = self.store.read(id(object), after, 2000).map_or(Vec::new(), |tail| tail.entries);
                let Some(last) = work.entries.last().map(|entry| entry.position) else { return };
                work.machine.read(last, Vec::new());
            }
            Step::Write => {
                let last = work.entries.last().map_or(0, |entry| entry.position);
                work.part = Some((last, std::mem::take(&mut work.entries)));
            }
            Step::ListPart => {
                if let Some((last, entries)) = work.part.take() {
                    self.parts.insert((object, last), entries);
                }
            }
            Step::Trim { upto } => {
                if !self.store.trim(id(object), epoch, upto) {
                    return;
                }
            }
            Step::Snapshot { at } => match self.recover(object, at) {
                Ok(tokens) => work.snapshot = Some((at, tokens)),
                Err(why) => self.history.push(Happening::Lost { object, why }),
            },
            Step::ListSnapshot => {
                if let Some((at, tokens)) = work.snapshot.take() {
                    self.snapshots.insert((object, at), tokens);
                }
            }
        }
        if !matches!(step, Step::Read { .. }) {
            work.machine.done(step);
        }
        if matches!(step, Step::Trim { .. } | Step::ListSnapshot)
            && let Some(facts) = self.facts(object)
        {
            work.facts = facts;
        }
        self.nodes[node].compactions.insert(object, work);
    }
}
