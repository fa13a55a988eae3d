//! Who has ended cells, and what follows from it.
//!
//! A cell that is shared says whose doing its end was, and could lie. So a tenant that is named only moves to a cell of its own; what counts
//! against it is what happens there. Barred is the version that did it, and not the tenant's other workers, or the version that mends it.

use std::hash::{Hash, Hasher};
use std::time::{Duration, Instant};

use rustc_hash::{FxHashMap, FxHasher};
use skerry_runtime::{Tenant, WorkerCode};

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
/// Of one tenant; those after them are counted as one.
const VERSIONS_MAX: usize = 256;

/// Stands for a version of a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(super) struct Print(u64);

impl Print {
    pub fn of(code: &WorkerCode) -> Self {
        let mut hasher = FxHasher::default();
        (&code.name, &code.version).hash(&mut hasher);
        if code.version.is_empty() {
            for module in &code.modules {
                (&module.name, &module.content).hash(&mut hasher);
            }
        }
        Self(hasher.finish())
    }
}

#[derive(Default)]
pub(super) struct Offences {
    known: FxHashMap<Tenant, Record>,
}

struct Record {
    /// Versions that have ended its own cell.
    versions: FxHashMap<Print, Bar>,
    last: Instant,
    /// It was the only one who could have done it, at least once.
    is_certain: bool,
    /// Times that it was one of several.
    suspicions: u32,
}

#[derive(Default)]
struct Bar {
    count: u32,
    until: Option<Instant>,
}

impl Offences {
    /// The tenant is one of so many that may have ended a cell, which was its own where it is known which versions may have done it. How
    /// long they are barred, if they are.
    pub fn note(&mut self, tenant: &Tenant, in_its_own: &[Print], suspects: usize, now: Instant) -> Option<Duration> {
        self.forget(now);
        let new = Record { versions: FxHashMap::default(), last: now, is_certain: false, suspicions: 0 };
        let record = self.known.entry(tenant.clone()).or_insert(new);
        record.last = now;
        record.is_certain |= suspects <= 1;
        record.suspicions = record.suspicions.saturating_add(if suspects <= FEW { ENOUGH } else { 1 });
        in_its_own.iter().filter_map(|print| record.count(*print, now)).max()
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

    /// How long the version is still barred.
    pub fn barred_for(&self, tenant: &Tenant, version: impl FnOnce() -> Print, now: Instant) -> Option<Duration> {
        let record = self.known.get(tenant).filter(|record| !record.versions.is_empty())?;
        let until = record.versions.get(&record.place_of(version()))?.until?;
        until.checked_duration_since(now).filter(|left| !left.is_zero())
    }

    fn forget(&mut self, now: Instant) {
        self.known.retain(|_, record| now.saturating_duration_since(record.last) < MEMORY);
    }
}

impl Record {
    fn place_of(&self, version: Print) -> Print {
        if self.versions.contains_key(&version) || self.versions.len() < VERSIONS_MAX { version } else { Print::default() }
    }

    fn count(&mut self, version: Print, now: Instant) -> Option<Duration> {
        let bar = self.versions.entry(self.place_of(version)).or_default();
        bar.count = bar.count.saturating_add(1);
        let times = bar.count.checked_sub(FORGIVEN + 1)?;
        let time =
            FACTOR.checked_pow(times).and_then(|factor| FIRST_BAR.checked_mul(factor)).unwrap_or(LONGEST_BAR).min(LONGEST_BAR);
        bar.until = Some(now + time);
        Some(time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ends_of_its_own_cell_bar_a_tenant_and_for_longer_each_time() {
        let (mut offences, start, tenant) = (Offences::default(), Instant::now(), Tenant::of("a"));
        let (bad, mended) = (Print(1), Print(2));
        let at = |seconds| start + Duration::from_secs(seconds);
        for second in 0..10 {
            assert_eq!(offences.note(&tenant, &[], if second > 5 { 1 } else { 9 }, at(second)), None);
            assert_eq!(offences.is_certain(&tenant, at(second)), second > 5);
        }
        assert!(offences.is_known(&tenant, at(10)) && !offences.is_known(&Tenant::of("b"), at(10)));
        let bars: Vec<_> =
            (10..18).map(|second| offences.note(&tenant, &[bad], 1, at(second)).map(|bar| bar.as_secs())).collect();
        assert_eq!(bars, [None, Some(1), Some(4), Some(16), Some(64), Some(256), Some(600), Some(600)]);
        assert_eq!(offences.barred_for(&tenant, || bad, at(20)), Some(Duration::from_secs(597)));
        assert_eq!(offences.barred_for(&tenant, || mended, at(20)), None, "the version that mends it runs");
        assert_eq!(offences.barred_for(&Tenant::of("b"), || bad, at(20)), None);
        assert_eq!(offences.barred_for(&tenant, || bad, at(617)), None);
        assert!(offences.is_known(&tenant, at(1_000)));
        assert!(!offences.is_known(&tenant, at(17 + 1_800)));
        assert_eq!(offences.note(&tenant, &[bad], 1, at(5_000)), None);
    }

    #[test]
    fn of_too_many_versions_the_rest_are_one() {
        let (mut offences, now, tenant) = (Offences::default(), Instant::now(), Tenant::of("a"));
        let bars = (1..=2 * VERSIONS_MAX as u64).filter_map(|version| offences.note(&tenant, &[Print(version)], 1, now)).count();
        assert_eq!(bars, VERSIONS_MAX - 1);
        assert!(offences.barred_for(&tenant, || Print(u64::MAX), now).is_some());
        assert!(offences.barred_for(&tenant, || Print(1), now).is_none());
        assert!(offences.known[&tenant].versions.len() <= VERSIONS_MAX + 1);
    }

    #[test]
    fn a_version_is_known_by_its_name_or_else_by_its_code() {
        let code = |version: &str, text: &'static str| {
            let content = bytes::Bytes::from_static(text.as_bytes());
            let module = skerry_runtime::Module {
                name: "a.js".to_owned(),
                kind: skerry_runtime::ModuleKind::EsModule,
                content,
                source_map: None,
            };
            Print::of(&WorkerCode { version: version.to_owned(), modules: vec![module], ..WorkerCode::default() })
        };
        assert_eq!(code("1", "a"), code("1", "b"));
        assert_ne!(code("1", "a"), code("2", "a"));
        assert_ne!(code("", "a"), code("", "b"));
        assert_eq!(code("", "a"), code("", "a"));
    }
}
