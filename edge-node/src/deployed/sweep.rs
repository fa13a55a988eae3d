use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use skerry_protocol::Digest;

/// Between two looks at which blobs are needed.
const INTERVAL: Duration = Duration::from_secs(600);

/// Finds blobs that nothing deployed needs. One goes when it was not needed twice in a row: requests that began with a version that is
/// no longer deployed may still start it, and a version that comes back soon is not fetched again.
#[derive(Debug, Default)]
pub(super) struct Sweep {
    last: Option<Instant>,
    unneeded: BTreeSet<Digest>,
}

impl Sweep {
    pub fn is_due(&self, now: Instant) -> bool {
        self.last.is_none_or(|last| now.duration_since(last) >= INTERVAL)
    }

    /// It could not be looked.
    pub fn put_off(&mut self, now: Instant) {
        self.last = Some(now);
    }

    /// Says which of those that are there may go.
    pub fn look(&mut self, there: Vec<Digest>, needed: &BTreeSet<Digest>, now: Instant) -> Vec<Digest> {
        self.last = Some(now);
        let (old, young) =
            there.into_iter().filter(|digest| !needed.contains(digest)).partition(|digest| self.unneeded.contains(digest));
        self.unneeded = BTreeSet::from_iter::<Vec<_>>(young);
        old
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_goes_when_it_was_not_needed_twice_in_a_row() {
        let start = Instant::now();
        let at = |intervals: u32| start + INTERVAL * intervals;
        let (kept, back, gone) = (Digest::of(b"kept"), Digest::of(b"back"), Digest::of(b"gone"));
        let mut sweep = Sweep::default();
        assert!(sweep.is_due(start));
        assert_eq!(sweep.look(vec![kept, back, gone], &[kept].into(), at(0)), []);
        assert!(!sweep.is_due(at(1) - Duration::from_secs(1)) && sweep.is_due(at(1)));
        assert_eq!(sweep.look(vec![kept, back, gone], &[kept, back].into(), at(1)), [gone]);
        assert_eq!(sweep.look(vec![kept, back], &[kept].into(), at(2)), []);
        assert_eq!(sweep.look(vec![kept, back], &[kept].into(), at(3)), [back]);
    }
}
