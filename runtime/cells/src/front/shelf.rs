//! The places of cells.

use std::hash::BuildHasher;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustc_hash::{FxBuildHasher, FxHashMap};
use skerry_runtime::Tenant;

use super::cell::Cell;
use super::offences::Offences;

/// All cells, by what they are for.
pub(super) struct Shelf {
    /// For each trust.
    size: usize,
    shared: FxHashMap<Arc<str>, Trusted>,
    pub own: FxHashMap<Tenant, Arc<Cell>>,
    pub spare: Vec<Arc<Cell>>,
    /// They take nothing more, and have something left.
    pub leaving: Vec<Arc<Cell>>,
    pub offences: Offences,
    /// After cells that did not come up.
    pub pause: Duration,
    pub not_before: Option<Instant>,
}

/// The cells of one trust.
struct Trusted {
    slots: Vec<Option<Arc<Cell>>>,
    /// When somebody wanted one last.
    used: Instant,
}

/// What a cell is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Shared(Arc<str>, usize),
    Own(Tenant),
}

impl Shelf {
    pub fn new(size: usize, now: Instant) -> Self {
        let shared = FxHashMap::from_iter([(Arc::from(""), Trusted { slots: vec![None; size], used: now })]);
        Self {
            size,
            shared,
            own: FxHashMap::default(),
            spare: Vec::new(),
            leaving: Vec::new(),
            offences: Offences::default(),
            pause: Duration::ZERO,
            not_before: None,
        }
    }

    /// Somebody of this trust wants a cell.
    pub fn note_use(&mut self, trust: &Arc<str>, now: Instant) {
        let size = self.size;
        let trusted = self.shared.entry(trust.clone()).or_insert_with(|| Trusted { slots: vec![None; size], used: now });
        trusted.used = now;
    }

    pub fn at(&self, place: &Place) -> Option<Arc<Cell>> {
        let cell = match place {
            Place::Shared(trust, slot) => self.shared.get(trust)?.slots.get(*slot)?.clone(),
            Place::Own(tenant) => self.own.get(tenant).cloned(),
        };
        cell.filter(|cell| !cell.is_dead())
    }

    pub fn put(&mut self, place: Place, cell: Arc<Cell>) {
        let owner = match &place {
            Place::Own(tenant) => Some(tenant),
            Place::Shared(..) => None,
        };
        cell.settle(owner);
        match place {
            Place::Shared(trust, slot) => {
                if let Some(place) = self.shared.get_mut(&trust).and_then(|trusted| trusted.slots.get_mut(slot)) {
                    *place = Some(cell);
                }
            }
            Place::Own(tenant) => drop(self.own.insert(tenant, cell)),
        }
    }

    /// One that is ready, or else one that soon is.
    pub fn take_spare(&mut self) -> Option<Arc<Cell>> {
        self.spare.retain(|cell| !cell.is_dead());
        let best = self.spare.iter().enumerate().max_by_key(|(_, cell)| (cell.is_ready(), !cell.is_slow()))?.0;
        Some(self.spare.swap_remove(best))
    }

    /// The less loaded of two that the tenant's name leads to. One that takes work at once goes before one that does not yet.
    pub fn choose(&self, tenant: &Tenant) -> Place {
        let slots = self.shared.get(&tenant.trust).map_or(&[][..], |trusted| &trusted.slots);
        let mut ranked: Vec<usize> = (0..self.size).collect();
        ranked.sort_by_cached_key(|slot| weight(tenant, *slot));
        let cell = |slot: &usize| slots.get(*slot).and_then(Option::as_ref).filter(|cell| !cell.is_dead());
        let is_ready = |slot: &&usize| cell(slot).is_some_and(|cell| cell.is_ready() && !cell.is_slow());
        let best_of = |slots: &mut dyn Iterator<Item = &usize>| {
            slots.take(2).min_by_key(|slot| cell(slot).map_or(0, |cell| cell.load())).copied()
        };
        let chosen = best_of(&mut ranked.iter().filter(is_ready)).or_else(|| best_of(&mut ranked.iter())).unwrap_or(0);
        Place::Shared(tenant.trust.clone(), chosen)
    }

    /// Puts the spare cells into empty places.
    pub fn fill(&mut self) {
        for place in self.empty() {
            let Some(cell) = self.take_spare() else { return };
            self.put(place, cell);
        }
    }

    /// Shared places without a cell.
    pub fn empty(&self) -> Vec<Place> {
        let trusts = self.shared.iter().flat_map(|(trust, trusted)| (0..trusted.slots.len()).map(move |slot| (trust, slot)));
        let places = trusts.map(|(trust, slot)| Place::Shared(trust.clone(), slot));
        places.filter(|place| self.at(place).is_none()).collect()
    }

    /// The cells of trusts that nobody has used for so long, which are forgotten. That of no name stays.
    pub fn take_idle_trusts(&mut self, now: Instant, idle: Duration) -> Vec<Arc<Cell>> {
        let gone = self.shared.extract_if(|trust, trusted| {
            let is_unused = now.saturating_duration_since(trusted.used) > idle;
            !trust.is_empty() && is_unused && trusted.slots.iter().flatten().all(|cell| cell.load() == 0)
        });
        gone.flat_map(|(_, trusted)| trusted.slots).flatten().collect()
    }

    /// Spare cells beyond so many.
    pub fn take_surplus(&mut self, wanted: usize) -> Vec<Arc<Cell>> {
        self.spare.drain(wanted.min(self.spare.len())..).collect()
    }

    /// What comes for one that owes an answer goes to others of its trust, where there are such.
    pub fn avoid_slow(&self) {
        for trusted in self.shared.values() {
            let cells = || trusted.slots.iter().flatten();
            let has_other = cells().any(|cell| cell.is_ready() && !cell.is_slow() && !cell.is_dead());
            for cell in cells().filter(|cell| cell.is_slow()) {
                cell.avoid(has_other);
            }
        }
    }

    /// It takes nothing more, and has something left.
    pub fn leave(&mut self, cell: &Arc<Cell>) {
        self.remove(cell);
        self.leaving.push(cell.clone());
    }

    /// The cell is for nothing any more.
    pub fn remove(&mut self, gone: &Arc<Cell>) {
        let is_gone = |cell: &Arc<Cell>| Arc::ptr_eq(cell, gone);
        for slot in self.shared.values_mut().flat_map(|trusted| &mut trusted.slots) {
            if slot.as_ref().is_some_and(is_gone) {
                *slot = None;
            }
        }
        self.own.retain(|_, cell| !is_gone(cell));
        self.spare.retain(|cell| !is_gone(cell));
        self.leaving.retain(|cell| !is_gone(cell));
    }

    /// That tenants share.
    pub fn shared(&self) -> impl Iterator<Item = &Arc<Cell>> {
        self.shared.values().flat_map(|trusted| &trusted.slots).flatten()
    }

    pub fn all(&self) -> impl Iterator<Item = &Arc<Cell>> {
        self.shared().chain(self.own.values()).chain(&self.spare).chain(&self.leaving)
    }
}

fn weight(tenant: &Tenant, slot: usize) -> u64 {
    let mut mixed = FxBuildHasher.hash_one(&tenant.id) ^ (slot as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    // The finalizer of SplitMix64: the hasher alone leaves the slots' weights in the same order for most names.
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenants_are_spread_over_places_and_stay_where_they_are() {
        let shelf = Shelf::new(4, Instant::now());
        let place = |name: &str| match shelf.choose(&Tenant::of(name)) {
            Place::Shared(_, slot) => slot,
            Place::Own(_) => usize::MAX,
        };
        let mut counts = [0; 4];
        for number in 0..1_000 {
            let name = format!("account-{number}");
            counts[place(&name)] += 1;
            assert_eq!(place(&name), place(&name));
        }
        assert!(counts.iter().all(|count| (150..=350).contains(count)), "{counts:?}");
    }

    #[test]
    fn places_of_a_trust_that_nobody_uses_are_given_back() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut shelf = Shelf::new(2, start);
        let (ours, theirs) = (Arc::from("ours"), Arc::from("theirs"));
        shelf.note_use(&ours, at(0));
        shelf.note_use(&theirs, at(0));
        assert_eq!(shelf.empty().len(), 6);
        shelf.note_use(&ours, at(200));
        let idle = Duration::from_secs(300);
        assert!(shelf.take_idle_trusts(at(300), idle).is_empty());
        assert_eq!(shelf.empty().len(), 6);
        assert!(shelf.take_idle_trusts(at(301), idle).is_empty());
        let left = shelf.empty();
        assert!(left.len() == 4 && left.iter().all(|place| !matches!(place, Place::Shared(trust, _) if *trust == theirs)));
        // That of no name is the node's own.
        assert!(shelf.take_idle_trusts(at(9_000), idle).is_empty());
        assert_eq!(shelf.empty().len(), 2);
    }
}
