//! Where blobs come from, and how those that are missing get into the store.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use skerry_protocol::Digest;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::error::{BlobError, StoreError};
use super::store::{Store, blocking};

/// Fetched at a time. Each is held in memory until it is written.
const FETCHES_MAX: usize = 8;
/// Before what failed is tried again, the first time and at most.
const PAUSE: Duration = Duration::from_millis(250);
const PAUSE_MAX: Duration = Duration::from_secs(60);
/// Until it is forgotten that something failed which nobody wants.
const FORGOTTEN: Duration = Duration::from_secs(120);

/// Gives the content of blobs by their digests; mostly the control plane.
pub trait BlobSource: Send + Sync {
    /// What comes is checked, and refused where it is something else.
    fn fetch<'a>(&'a self, digest: Digest) -> Pin<Box<dyn Future<Output = Result<Bytes, BlobError>> + Send + 'a>>;
}

type Fetched = Result<Result<(), BlobError>, StoreError>;

/// Fetches that are under way, each in a task of its own: a large or slow one holds up nothing but what needs it.
pub(super) struct Fetcher {
    store: Arc<Store>,
    under_way: BTreeMap<Digest, JoinHandle<Fetched>>,
    /// What failed: why, how often, and when.
    failed: BTreeMap<Digest, (BlobError, u32, Instant)>,
    room: Arc<Semaphore>,
}

impl Fetcher {
    pub fn new(store: Arc<Store>) -> Self {
        Self { store, under_way: BTreeMap::new(), failed: BTreeMap::new(), room: Arc::new(Semaphore::new(FETCHES_MAX)) }
    }

    /// What failed is tried at once, however often it did: it may be there by now.
    pub fn forget_failures(&mut self, digests: &BTreeSet<Digest>) {
        self.failed.retain(|digest, _| !digests.contains(digest));
    }

    /// Sees to it that the store has all of these, whole, sooner or later. Gives those that it does not have after the `patience`, and why;
    /// an error is the disk's.
    pub async fn complete<S: BlobSource + 'static>(
        &mut self,
        wanted: &BTreeSet<Digest>,
        source: &Arc<S>,
        patience: Duration,
    ) -> Result<BTreeMap<Digest, BlobError>, StoreError> {
        self.note_finished(wanted).await;
        let mut missing = BTreeMap::new();
        for digest in wanted.iter().copied() {
            match self.failed.get(&digest) {
                Some((error, tries, at)) if at.elapsed() < pause_after(*tries) => {
                    missing.insert(digest, error.clone());
                }
                _ => {
                    let (store, source, room) = (self.store.clone(), source.clone(), self.room.clone());
                    self.under_way.entry(digest).or_insert_with(|| {
                        tokio::spawn(async move {
                            let _place = room.acquire_owned().await;
                            complete_one(store, digest, &*source).await
                        })
                    });
                }
            }
        }
        let deadline = tokio::time::Instant::now() + patience;
        for digest in wanted {
            let Some(task) = self.under_way.get_mut(digest) else { continue };
            let Ok(fetched) = tokio::time::timeout_at(deadline, task).await else {
                missing.insert(*digest, BlobError::Late);
                continue;
            };
            self.under_way.remove(digest);
            let fetched = fetched.unwrap_or(Err(StoreError::BrokenOff))?;
            self.note(*digest, &fetched);
            missing.extend(fetched.err().map(|error| (*digest, error)));
        }
        self.failed.retain(|digest, (_, _, at)| wanted.contains(digest) || at.elapsed() < FORGOTTEN);
        Ok(missing)
    }

    /// What came of those that nobody waits for now: whoever wants them next does not try at once what has just failed.
    async fn note_finished(&mut self, wanted: &BTreeSet<Digest>) {
        let is_over = |digest: &Digest, task: &mut JoinHandle<Fetched>| task.is_finished() && !wanted.contains(digest);
        let over: Vec<_> = self.under_way.extract_if(.., is_over).collect();
        for (digest, task) in over {
            // An error of the disk is told when it comes again.
            if let Ok(Ok(fetched)) = task.await {
                self.note(digest, &fetched);
            }
        }
    }

    fn note(&mut self, digest: Digest, fetched: &Result<(), BlobError>) {
        match fetched {
            Ok(()) => drop(self.failed.remove(&digest)),
            Err(error) => {
                let tries = self.failed.get(&digest).map_or(0, |(_, tries, _)| tries + 1);
                self.failed.insert(digest, (error.clone(), tries, Instant::now()));
            }
        }
    }
}

/// Longer each time.
fn pause_after(tries: u32) -> Duration {
    PAUSE.saturating_mul(1 << tries.min(10)).min(PAUSE_MAX)
}

async fn complete_one(store: Arc<Store>, digest: Digest, blobs: &dyn BlobSource) -> Fetched {
    let there = store.clone();
    if blocking(move || Ok(there.has_whole(digest))).await? {
        return Ok(Ok(()));
    }
    let bytes = match blobs.fetch(digest).await {
        Ok(bytes) => bytes,
        Err(error) => return Ok(Err(error)),
    };
    blocking(move || {
        if Digest::of(&bytes) != digest {
            return Ok(Err(BlobError::Wrong));
        }
        store.put(digest, &bytes).map(Ok)
    })
    .await
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    type Failure = Box<dyn std::error::Error>;

    const LONG: Duration = Duration::from_secs(60);

    #[derive(Default)]
    pub(in crate::deployed) struct Blobs {
        pub contents: BTreeMap<Digest, Bytes>,
        pub fetches: AtomicUsize,
        under_way: AtomicUsize,
        most_under_way: AtomicUsize,
    }

    impl Blobs {
        pub fn with(contents: impl IntoIterator<Item = &'static [u8]>) -> Self {
            let contents = contents.into_iter().map(|bytes| (Digest::of(bytes), Bytes::from_static(bytes))).collect();
            Self { contents, ..Self::default() }
        }
    }

    impl BlobSource for Blobs {
        fn fetch<'a>(&'a self, digest: Digest) -> Pin<Box<dyn Future<Output = Result<Bytes, BlobError>> + Send + 'a>> {
            Box::pin(async move {
                self.fetches.fetch_add(1, Ordering::SeqCst);
                let under_way = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
                self.most_under_way.fetch_max(under_way, Ordering::SeqCst);
                tokio::task::yield_now().await;
                self.under_way.fetch_sub(1, Ordering::SeqCst);
                self.contents.get(&digest).cloned().ok_or(BlobError::Missing)
            })
        }
    }

    #[tokio::test]
    async fn only_what_is_missing_or_damaged_is_fetched_and_some_at_a_time() -> Result<(), Failure> {
        let folder = tempfile::tempdir()?;
        let store = Arc::new(Store::open(folder.path())?);
        let mut fetcher = Fetcher::new(store.clone());
        let mut blobs = Blobs::default();
        for number in 0..40_u8 {
            blobs.contents.insert(Digest::of(&[number]), Bytes::copy_from_slice(&[number]));
        }
        let wanted: BTreeSet<_> = blobs.contents.keys().copied().collect();
        let blobs = Arc::new(blobs);
        assert!(fetcher.complete(&wanted, &blobs, LONG).await?.is_empty());
        assert_eq!(blobs.fetches.load(Ordering::SeqCst), 40);
        let most = blobs.most_under_way.load(Ordering::SeqCst);
        assert!((2..=FETCHES_MAX).contains(&most), "{most}");

        std::fs::write(store.path_of(Digest::of(&[7])), "other")?;
        assert!(fetcher.complete(&wanted, &blobs, LONG).await?.is_empty());
        assert_eq!(blobs.fetches.load(Ordering::SeqCst), 41);
        assert_eq!(store.read(Digest::of(&[7]))?, [7][..]);
        Ok(())
    }

    #[tokio::test]
    async fn wrong_bytes_are_refused() -> Result<(), Failure> {
        let folder = tempfile::tempdir()?;
        let store = Arc::new(Store::open(folder.path())?);
        let (digest, missing) = (Digest::of(b"right"), Digest::of(b"missing"));
        let blobs = Arc::new(Blobs { contents: [(digest, Bytes::from_static(b"wrong"))].into(), ..Blobs::default() });
        let mut fetcher = Fetcher::new(store.clone());
        let other = Digest::of(b"other");
        store.put(other, b"other")?;
        let refused = fetcher.complete(&[digest, missing, other].into(), &blobs, LONG).await?;
        assert!(matches!(refused.get(&digest), Some(BlobError::Wrong)) && !refused.contains_key(&other));
        assert!(!store.has_whole(digest) && !store.path_of(digest).exists());
        assert!(matches!(refused.get(&missing), Some(BlobError::Missing)));
        Ok(())
    }

    /// Gives nothing until it is let.
    struct Slow(Arc<Semaphore>);

    impl BlobSource for Slow {
        fn fetch<'a>(&'a self, _: Digest) -> Pin<Box<dyn Future<Output = Result<Bytes, BlobError>> + Send + 'a>> {
            Box::pin(async move {
                let _let_through = self.0.acquire().await;
                Ok(Bytes::from_static(b"slow"))
            })
        }
    }

    #[tokio::test]
    async fn what_takes_long_goes_on_while_nobody_waits_for_it() -> Result<(), Failure> {
        let folder = tempfile::tempdir()?;
        let mut fetcher = Fetcher::new(Arc::new(Store::open(folder.path())?));
        let (gate, wanted) = (Arc::new(Semaphore::new(0)), BTreeSet::from([Digest::of(b"slow")]));
        let slow = Arc::new(Slow(gate.clone()));
        for _ in 0..3 {
            let missing = fetcher.complete(&wanted, &slow, Duration::from_millis(5)).await?;
            assert!(matches!(missing.values().next(), Some(BlobError::Late)));
        }
        assert_eq!(fetcher.under_way.len(), 1);
        gate.add_permits(1);
        assert!(fetcher.complete(&wanted, &slow, LONG).await?.is_empty());
        Ok(())
    }

    #[tokio::test]
    async fn what_failed_while_others_were_waited_for_is_not_tried_again_at_once() -> Result<(), Failure> {
        let folder = tempfile::tempdir()?;
        let mut fetcher = Fetcher::new(Arc::new(Store::open(folder.path())?));
        let (one, other) = (BTreeSet::from([Digest::of(b"one")]), BTreeSet::from([Digest::of(b"other")]));
        let blobs = Arc::new(Blobs::default());
        fetcher.complete(&one, &blobs, Duration::ZERO).await?;
        while !fetcher.under_way.values().all(JoinHandle::is_finished) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        fetcher.complete(&other, &blobs, LONG).await?;
        let digest = Digest::of(b"one");
        assert!(matches!(fetcher.failed.get(&digest), Some((BlobError::Missing, 0, _))) && fetcher.under_way.is_empty());
        // As long ago as that: it counts as the second time.
        fetcher.failed.entry(digest).and_modify(|(_, _, at)| *at -= PAUSE);
        fetcher.complete(&one, &blobs, LONG).await?;
        assert!(matches!(fetcher.failed.get(&digest), Some((BlobError::Missing, 1, _))));
        assert_eq!(blobs.fetches.load(Ordering::SeqCst), 3);
        Ok(())
    }

    #[test]
    fn what_fails_is_tried_again_less_and_less_often() {
        assert_eq!([0, 1, 2, 30].map(pause_after), [PAUSE, PAUSE * 2, PAUSE * 4, PAUSE_MAX]);
    }
}
