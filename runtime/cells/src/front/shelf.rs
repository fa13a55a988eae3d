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
    shared: FxHashMap<Arc<str>, Vec<Option<Arc<Cell>>>>,
    pub own: FxHashMap<Tenant, Arc<Cell>>,
    pub spare: Vec<Arc<Cell>>,
    /// They take nothing more, and have something left.
    pub leaving: Vec<Arc<Cell>>,
    pub offences: Offences,
    /// After cells that did not come up.
    pub pause: Duration,
    pub not_before: Option<Instant>,
}

/// What a cell is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Shared(Arc<str>, usize),
    Own(Tenant),
}

impl Shelf {
    pub fn new(size: usize) -> Self {
        let shared = FxHashMap::from_iter([(Arc::from(""), vec![None; size])]);
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

    pub fn at(&self, place: &Place) -> Option<Arc<Cell>> {
        let cell = match place {
            Place::Shared(trust, slot) => self.shared.get(trust)?.get(*slot)?.clone(),
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
                if let Some(place) = self.shared.get_mut(&trust).and_then(|slots| slots.get_mut(slot)) {
                    *place = Some(cell);
                }
            }
            Place::Own(tenant) => drop(self.own.insert(tenant, cell)),
        }
    }

    /// One that is ready, or else one that soon is.
    pub fn take_spare(&mut self) -> Option<Arc<Cell>> {
        self.spare.retain(|cell| !cell.is_dead());
        let best = self.spare.iter().position(|cell| cell.is_ready()).or(if self.spare.is_empty() { None } else { Some(0) })?;
        Some(self.spare.swap_remove(best))
    }

    /// The less loaded of two that the tenant's name leads to. One that takes work at once goes before one that does not yet.
    pub fn choose(&self, tenant: &Tenant) -> Place {
        let slots = self.shared.get(&tenant.trust).map_or(&[][..], Vec::as_slice);
        let mut ranked: Vec<usize> = (0..self.size).collect();
        ranked.sort_by_cached_key(|slot| weight(tenant, *slot));
        let cell = |slot: &usize| slots.get(*slot).and_then(Option::as_ref).filter(|cell| !cell.is_dead());
        let is_ready = |slot: &&usize| cell(slot).is_some_and(|cell| cell.is_ready());
        let best_of = |slots: &mut dyn Iterator<Item = &usize>| {
            slots.take(2).min_by_key(|slot| cell(slot).map_or(0, |cell| cell.load())).copied()
        };
        let chosen = best_of(&mut ranked.iter().filter(is_ready)).or_else(|| best_of(&mut ranked.iter())).unwrap_or(0);
        Place::Shared(tenant.trust.clone(), chosen)
    }

    /// Puts cells into the empty places for a trust: first the spare ones.
    pub fn fill(&mut self, trust: &Arc<str>, mut spawn: impl FnMut() -> Option<Arc<Cell>>) {
        let size = self.size;
        self.shared.entry(trust.clone()).or_insert_with(|| vec![None; size]);
        for slot in 0..size {
            let place = Place::Shared(trust.clone(), slot);
            if self.at(&place).is_none()
                && let Some(cell) = self.take_spare().or_else(&mut spawn)
            {
                self.put(place, cell);
            }
        }
    }

    pub fn fill_all(&mut self, mut spawn: impl FnMut() -> Option<Arc<Cell>>) {
        let trusts: Vec<_> = self.shared.keys().cloned().collect();
        for trust in trusts {
            self.fill(&trust, &mut spawn);
        }
    }

    /// The cell is for nothing any more.
    pub fn remove(&mut self, gone: &Arc<Cell>) {
        let is_gone = |cell: &Arc<Cell>| Arc::ptr_eq(cell, gone);
        for slot in self.shared.values_mut().flatten() {
            if slot.as_ref().is_some_and(is_gone) {
                *slot = None;
            }
        }
        self.own.retain(|_, cell| !is_gone(cell));
        self.spare.retain(|cell| !is_gone(cell));
        self.leaving.retain(|cell| !is_gone(cell));
    }

    pub fn shared(&self) -> impl Iterator<Item = &Arc<Cell>> {
        self.shared.values().flatten().flatten()
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
        let shelf = Shelf::new(4);
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
}
