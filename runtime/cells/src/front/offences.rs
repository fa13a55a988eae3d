//! Who has ended cells, and what follows from it.
//!
//! A cell that is shared says whose doing its end was, and could lie. So a tenant that is named only moves to a cell of its own; what counts
//! against it is what happens there.

use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;
use skerry_runtime::Tenant;

/// Ends of its own cell that a tenant has for nothing.
const FORGIVEN: u32 = 1;
/// As many suspects as are given cells of their own at once; of more, those who are suspects twice.
const FEW: usize = 4;
const ENOUGH: u32 = 2;
/// How long a tenant is barred first; each time it is longer by this factor.
const FIRST_BAR: Duration = Duration::from_secs(1);
const FACTOR: u32 = 4;
const LONGEST_BAR: Duration = Duration::from_secs(600);
/// After so long without an offence all is forgotten.
const MEMORY: Duration = Duration::from_secs(1_800);

#[derive(Default)]
pub(super) struct Offences {
    known: FxHashMap<Tenant, Record>,
}

struct Record {
    /// Ends of its own cell.
    count: u32,
    last: Instant,
    /// It was the only one who could have done it, at least once.
    is_certain: bool,
    /// Times that it was one of several.
    suspicions: u32,
    barred_until: Option<Instant>,
}

impl Offences {
    /// The tenant is one of so many that may have ended a cell. How long it is barred, if it is.
    pub fn note(&mut self, tenant: &Tenant, was_its_own: bool, suspects: usize, now: Instant) -> Option<Duration> {
        let is_certain = suspects <= 1;
        self.forget(now);
        let new = Record { count: 0, last: now, is_certain: false, suspicions: 0, barred_until: None };
        let record = self.known.entry(tenant.clone()).or_insert(new);
        record.last = now;
        record.is_certain |= is_certain;
        record.suspicions = record.suspicions.saturating_add(if suspects <= FEW { ENOUGH } else { 1 });
        if !was_its_own {
            return None;
        }
        record.count = record.count.saturating_add(1);
        let times = record.count.checked_sub(FORGIVEN + 1)?;
        let bar =
            FACTOR.checked_pow(times).and_then(|factor| FIRST_BAR.checked_mul(factor)).unwrap_or(LONGEST_BAR).min(LONGEST_BAR);
        record.barred_until = Some(now + bar);
        Some(bar)
    }

    /// Whether the tenant is to have a cell of its own, if there is room.
    pub fn is_known(&mut self, tenant: &Tenant, now: Instant) -> bool {
        if self.known.is_empty() {
            return false;
        }
        self.forget(now);
        self.known.get(tenant).is_some_and(|record| record.is_certain || record.suspicions >= ENOUGH)
    }

    /// Whether the tenant must have one, or does not run: many who were only there when a cell ended do no harm elsewhere.
    pub fn is_certain(&mut self, tenant: &Tenant, now: Instant) -> bool {
        self.is_known(tenant, now) && self.known.get(tenant).is_some_and(|record| record.is_certain)
    }

    /// How long the tenant is still barred.
    pub fn barred_for(&self, tenant: &Tenant, now: Instant) -> Option<Duration> {
        let until = self.known.get(tenant)?.barred_until?;
        until.checked_duration_since(now).filter(|left| !left.is_zero())
    }

    fn forget(&mut self, now: Instant) {
        self.known.retain(|_, record| now.saturating_duration_since(record.last) < MEMORY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ends_of_its_own_cell_bar_a_tenant_and_for_longer_each_time() {
        let (mut offences, start, tenant) = (Offences::default(), Instant::now(), Tenant::of("a"));
        let at = |seconds| start + Duration::from_secs(seconds);
        for second in 0..10 {
            assert_eq!(offences.note(&tenant, false, if second > 5 { 1 } else { 9 }, at(second)), None);
            assert_eq!(offences.is_certain(&tenant, at(second)), second > 5);
        }
        assert!(offences.is_known(&tenant, at(10)) && !offences.is_known(&Tenant::of("b"), at(10)));
        let bars: Vec<_> = (10..18).map(|second| offences.note(&tenant, true, 1, at(second)).map(|bar| bar.as_secs())).collect();
        assert_eq!(bars, [None, Some(1), Some(4), Some(16), Some(64), Some(256), Some(600), Some(600)]);
        assert_eq!(offences.barred_for(&tenant, at(20)), Some(Duration::from_secs(597)));
        assert_eq!(offences.barred_for(&tenant, at(617)), None);
        assert!(offences.is_known(&tenant, at(1_000)));
        assert!(!offences.is_known(&tenant, at(17 + 1_800)));
        assert_eq!(offences.note(&tenant, true, 1, at(5_000)), None);
    }
}
