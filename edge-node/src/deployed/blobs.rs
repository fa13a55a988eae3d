//! Where blobs come from, and how those that are missing get into the store.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};
use skerry_protocol::Digest;

use super::error::{BlobError, StoreError};
use super::store::{Store, blocking};

/// Fetched at a time. Each is held in memory until it is written.
const FETCHES_MAX: usize = 8;

/// Gives the content of blobs by their digests; mostly the control plane.
pub trait BlobSource: Send + Sync {
    /// What comes is checked, and refused where it is something else.
    fn fetch<'a>(&'a self, digest: Digest) -> Pin<Box<dyn Future<Output = Result<Bytes, BlobError>> + Send + 'a>>;
}

/// Sees to it that the store has all of these, whole. Gives those that could not be had, and why; an error is the disk's.
pub(super) async fn complete(
    store: &Arc<Store>,
    wanted: BTreeSet<Digest>,
    blobs: &dyn BlobSource,
) -> Result<BTreeMap<Digest, BlobError>, StoreError> {
    // Boxed: else the compiler does not see that the whole can be sent to another thread.
    let fetches: Vec<BoxFuture<_>> =
        wanted.into_iter().map(|digest| complete_one(store.clone(), digest, blobs).boxed()).collect();
    let mut fetched = stream::iter(fetches).buffer_unordered(FETCHES_MAX);
    let mut missing = BTreeMap::new();
    while let Some((digest, outcome)) = fetched.next().await {
        missing.extend(outcome?.err().map(|error| (digest, error)));
    }
    Ok(missing)
}

async fn complete_one(
    store: Arc<Store>,
    digest: Digest,
    blobs: &dyn BlobSource,
) -> (Digest, Result<Result<(), BlobError>, StoreError>) {
    let there = store.clone();
    match blocking(move || Ok(there.has_whole(digest))).await {
        Ok(true) => return (digest, Ok(Ok(()))),
        Ok(false) => {}
        Err(error) => return (digest, Err(error)),
    }
    let bytes = match blobs.fetch(digest).await {
        Ok(bytes) => bytes,
        Err(error) => return (digest, Ok(Err(error))),
    };
    let put = blocking(move || {
        if Digest::of(&bytes) != digest {
            return Ok(Err(BlobError::Wrong));
        }
        store.put(digest, &bytes).map(Ok)
    });
    (digest, put.await)
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    type Failure = Box<dyn std::error::Error>;

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
        let mut blobs = Blobs::default();
        for number in 0..40_u8 {
            blobs.contents.insert(Digest::of(&[number]), Bytes::copy_from_slice(&[number]));
        }
        let wanted: BTreeSet<_> = blobs.contents.keys().copied().collect();
        assert!(complete(&store, wanted.clone(), &blobs).await?.is_empty());
        assert_eq!(blobs.fetches.load(Ordering::SeqCst), 40);
        let most = blobs.most_under_way.load(Ordering::SeqCst);
        assert!((2..=FETCHES_MAX).contains(&most), "{most}");

        std::fs::write(store.path_of(Digest::of(&[7])), "other")?;
        assert!(complete(&store, wanted, &blobs).await?.is_empty());
        assert_eq!(blobs.fetches.load(Ordering::SeqCst), 41);
        assert_eq!(store.read(Digest::of(&[7]))?, [7][..]);
        Ok(())
    }

    #[tokio::test]
    async fn wrong_bytes_are_refused() -> Result<(), Failure> {
        let folder = tempfile::tempdir()?;
        let store = Arc::new(Store::open(folder.path())?);
        let (digest, missing) = (Digest::of(b"right"), Digest::of(b"missing"));
        let blobs = Blobs { contents: [(digest, Bytes::from_static(b"wrong"))].into(), ..Blobs::default() };
        let other = Digest::of(b"other");
        store.put(other, b"other")?;
        let refused = complete(&store, [digest, missing, other].into(), &blobs).await?;
        assert!(matches!(refused.get(&digest), Some(BlobError::Wrong)) && !refused.contains_key(&other));
        assert!(!store.has_whole(digest) && !store.path_of(digest).exists());
        assert!(matches!(refused.get(&missing), Some(BlobError::Missing)));
        Ok(())
    }
}
