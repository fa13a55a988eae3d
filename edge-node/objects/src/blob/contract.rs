//! What every store of blobs promises, as tests: each kind is run against them.

use std::time::{Duration, SystemTime};

use bytes::Bytes;

use super::Blob;
use crate::object::Digest;

pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// `blobs` has nothing at first.
pub(crate) async fn check(blobs: &impl Blob) -> Result<(), Failure> {
    let later = SystemTime::now() + Duration::from_secs(3600);
    assert_eq!(blobs.list(later).await?, []);
    let digest = blobs.put(Bytes::from_static(b"content")).await?;
    assert_eq!(digest, Digest::of(b"content"));
    assert_eq!(blobs.get(digest).await?.as_deref(), Some(&b"content"[..]));
    assert_eq!(blobs.put(Bytes::from_static(b"content")).await?, digest, "again");
    let empty = blobs.put(Bytes::new()).await?;
    assert_eq!(blobs.get(empty).await?.as_deref(), Some(&b""[..]));
    assert_eq!(blobs.get(Digest::of(b"other")).await?, None);

    let mut all = blobs.list(later).await?;
    all.sort();
    let mut expected = vec![digest, empty];
    expected.sort();
    assert_eq!(all, expected);
    assert_eq!(blobs.list(SystemTime::now() - Duration::from_secs(3600)).await?, [], "nothing is that old");

    blobs.delete(digest, SystemTime::now() - Duration::from_secs(3600)).await?;
    assert!(blobs.get(digest).await?.is_some(), "it was put since");
    blobs.delete(digest, later).await?;
    blobs.delete(digest, later).await?;
    assert_eq!((blobs.get(digest).await?, blobs.list(later).await?), (None, vec![empty]));
    Ok(())
}
