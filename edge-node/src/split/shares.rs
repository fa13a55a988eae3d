use sha2::{Digest, Sha256};

/// Of one percent: shares finer than this are not told apart.
const UNITS: f64 = 10_000.0;
/// Percent that shares may miss 100 by: thirds do.
const TOLERANCE: f64 = 0.01;

/// Parts of the requests of one worker, in an order that stays the same whatever they are.
///
/// A key is a point, and each part a stretch of all points, one after the other. Where one part grows and no other does, its stretch
/// covers all that it covered before: nobody who has that version is moved away from it.
#[derive(Debug)]
pub(crate) struct Shares {
    worker_id: String,
    /// Where each part ends; the last end is that of all.
    ends: Vec<u64>,
    /// The part that has everything, where one has.
    only: Option<usize>,
}

/// Shares by which no request can be given out.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("the shares of its versions are {shares:?}; each must be 0 to 100, and all together 100")]
pub struct ShareError {
    shares: Vec<f64>,
}

impl Shares {
    pub fn new(worker_id: &str, shares: impl Iterator<Item = f64>) -> Result<Self, ShareError> {
        let shares: Vec<_> = shares.collect();
        let sum: f64 = shares.iter().sum();
        // One that is not a number is in no range, nor is its sum.
        let is_right = (sum - 100.0).abs() <= TOLERANCE && shares.iter().all(|share| (0.0..=100.0).contains(share));
        if !is_right {
            return Err(ShareError { shares });
        }
        let units = shares.iter().map(|share| (share * UNITS).round() as u64);
        let ends = units.scan(0, |end, units| {
            *end += units;
            Some(*end)
        });
        let ends: Vec<_> = ends.collect();
        let mut wanted = (0..shares.len()).filter(|place| ends[*place] > place.checked_sub(1).map_or(0, |before| ends[before]));
        let only = wanted.next().filter(|_| wanted.next().is_none());
        Ok(Self { worker_id: worker_id.to_owned(), ends, only })
    }

    /// The place of the part for a request. With a key that was made for it, where it needs one and has none.
    pub fn pick<'k>(
        &self,
        overridden: impl FnOnce() -> Option<usize>,
        key: impl FnOnce() -> Option<&'k [u8]>,
    ) -> (usize, Option<String>) {
        if let Some(place) = overridden().or(self.only) {
            return (place, None);
        }
        match key() {
            Some(key) => (self.place_of(key), None),
            None => {
                let key = crate::ids::unique();
                (self.place_of(key.as_bytes()), Some(key))
            }
        }
    }

    fn place_of(&self, key: &[u8]) -> usize {
        // Another worker's versions are given out independently of this one's. An id has no byte of 0.
        let hash = Sha256::new().chain_update(&self.worker_id).chain_update([0]).chain_update(key).finalize();
        let hash = hash.iter().take(8).fold(0_u128, |hash, byte| hash << 8 | u128::from(*byte));
        let all = self.ends.last().copied().unwrap_or_default();
        // Less than all: the hash is less than 2^64.
        let point = (hash * u128::from(all)) >> 64;
        self.ends.partition_point(|end| u128::from(*end) <= point)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Failure = Box<dyn std::error::Error>;

    fn shares(shares: &[f64]) -> Result<Shares, ShareError> {
        Shares::new("worker", shares.iter().copied())
    }

    fn places(of: &[f64]) -> Result<Vec<usize>, Failure> {
        let shares = shares(of)?;
        Ok((0..10_000).map(|key| shares.place_of(format!("client {key}").as_bytes())).collect())
    }

    #[test]
    fn each_has_its_part() -> Result<(), Failure> {
        let third = 100.0 / 3.0;
        for of in [&[10.0, 90.0][..], &[90.0, 0.0, 10.0], &[third, third, third], &[0.0, 0.5, 99.5, 0.0]] {
            let places = places(of)?;
            for (place, share) in of.iter().enumerate() {
                let got = places.iter().filter(|other| **other == place).count() as f64 / places.len() as f64 * 100.0;
                assert!((got - share).abs() < 2.0, "{share} % of {of:?} are {got} %");
                assert!(*share > 0.0 || got == 0.0, "{of:?} gives to one that has nothing");
            }
        }
        Ok(())
    }

    #[test]
    fn a_share_that_grows_loses_nobody() -> Result<(), Failure> {
        let steps = [
            (0, &[5.0, 95.0][..], &[6.0, 94.0][..]),
            (1, &[99.0, 1.0], &[50.0, 50.0]),
            (1, &[50.0, 50.0], &[0.0, 100.0]),
            (1, &[40.0, 20.0, 40.0], &[30.0, 35.0, 35.0]),
            (2, &[70.0, 30.0, 0.0], &[63.0, 27.0, 10.0]),
            (0, &[33.3, 33.3, 33.4], &[33.4, 33.3, 33.3]),
        ];
        for (grows, before, after) in steps {
            let (before, after) = (places(before)?, places(after)?);
            let moved = before.iter().zip(&after).filter(|(before, after)| **before == grows && **after != grows).count();
            assert_eq!(moved, 0, "{grows}");
            assert!(
                after.iter().filter(|place| **place == grows).count() > before.iter().filter(|place| **place == grows).count()
            );
        }
        Ok(())
    }

    #[test]
    fn workers_are_independent_and_a_key_always_finds_the_same() -> Result<(), Failure> {
        let (one, other) = (Shares::new("a", [50.0, 50.0].into_iter())?, Shares::new("b", [50.0, 50.0].into_iter())?);
        let keys: Vec<_> = (0..1_000).map(|key| format!("{key}").into_bytes()).collect();
        let same = keys.iter().filter(|key| one.place_of(key) == other.place_of(key)).count();
        assert!((400..600).contains(&same), "{same}");
        // Written down: a node that is restarted, and every other node, gives a client the same version.
        let first: Vec<_> = keys.iter().take(16).map(|key| one.place_of(key)).collect();
        assert_eq!(first, [1, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1]);
        Ok(())
    }

    #[test]
    fn a_key_is_made_only_where_it_decides() -> Result<(), Failure> {
        let (two, one) = (shares(&[50.0, 50.0])?, shares(&[0.0, 100.0])?);
        assert_eq!(one.pick(|| None, || None), (1, None));
        assert_eq!(one.pick(|| Some(0), || None), (0, None));
        assert_eq!(two.pick(|| Some(0), || Some(b"key")), (0, None));
        assert_eq!(two.pick(|| None, || Some(b"key")), (two.place_of(b"key"), None));
        let (place, key) = two.pick(|| None, || None);
        assert_eq!(key.map(|key| two.place_of(key.as_bytes())), Some(place));
        Ok(())
    }

    #[test]
    fn shares_that_are_none_are_refused() {
        for of in [&[][..], &[50.0], &[60.0, 60.0], &[-1.0, 101.0], &[f64::NAN, 100.0], &[f64::INFINITY], &[0.0, 0.0]] {
            assert!(shares(of).is_err(), "{of:?}");
        }
    }
}
