//! Where blobs come from, and how those that are missing get into the store.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};
use skerry_protocol::Digest;

use super::error::{BlobError, DeployedError};
use super::store::{Store, blocking};

/// Fetched at a time. Each is held in memory until it is written.
const FETCHES_MAX: usize = 8;

/// Gives the content of blobs by their digests; mostly the control plane.
pub trait BlobSource: Send + Sync {
    /// What comes is checked, and refused where it is something else.
    fn fetch<'a>(&'a self, digest: Digest) -> Pin<Box<dyn Future<Output = Result<Bytes, BlobError>> + Send + 'a>>;
}

/// Sees to it that the store has all of these, whole.
pub(super) async fn complete(store: &Arc<Store>, wanted: BTreeSet<Digest>, blobs: &dyn BlobSource) -> Result<(), DeployedError> {
    // Boxed: else the compiler does not see that the whole can be sent to another thread.
    let fetches: Vec<BoxFuture<_>> =
        wanted.into_iter().map(|digest| complete_one(store.clone(), digest, blobs).boxed()).collect();
    stream::iter(fetches).buffer_unordered(FETCHES_MAX).try_collect().await
}

async fn complete_one(store: Arc<Store>, digest: Digest, blobs: &dyn BlobSource) -> Result<(), DeployedError> {
    let there = store.clone();
    if blocking(move || Ok(there.has_whole(digest))).await? {
        return Ok(());
    }
    let bytes = blobs.fetch(digest).await.map_err(|error| DeployedError::Blob { digest, error })?;
    let is_it = blocking(move || {
        let is_it = Digest::of(&bytes) == digest;
        if is_it {
            store.put(digest, &bytes)?;
        }
        Ok(is_it)
    });
    if is_it.await? { Ok(()) } else { Err(DeployedError::WrongBlob { digest }) }
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;
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
        complete(&store, wanted.clone(), &blobs).await?;
        assert_eq!(blobs.fetches.load(Ordering::SeqCst), 40);
        let most = blobs.most_under_way.load(Ordering::SeqCst);
        assert!((2..=FETCHES_MAX).contains(&most), "{most}");

        std::fs::write(store.path_of(Digest::of(&[7])), "other")?;
        complete(&store, wanted, &blobs).await?;
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
        let refused = complete(&store, [digest].into(), &blobs).await;
        assert!(matches!(refused, Err(DeployedError::WrongBlob { digest: named }) if named == digest));
        assert!(!store.has_whole(digest) && !store.path_of(digest).exists());
        let refused = complete(&store, [missing].into(), &blobs).await;
        assert!(matches!(refused, Err(DeployedError::Blob { error: BlobError::Missing, .. })));
        Ok(())
    }
}
