//! Immutable bytes, named by their digests.

use std::io;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use bytes::Bytes;
use skerry_protocol::Digest;

#[async_trait]
pub trait Blobs: Send + Sync {
    /// On disk when it says so.
    async fn put(&self, bytes: Bytes) -> io::Result<Digest>;

    /// None where there is no such blob; an error where it is damaged.
    async fn get(&self, digest: Digest) -> io::Result<Option<Bytes>>;
}

/// Blobs as files in a folder.
pub struct BlobFolder {
    path: PathBuf,
}

impl BlobFolder {
    pub fn open(path: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(path)?;
        Ok(Self { path: path.to_owned() })
    }

    fn file(&self, digest: Digest) -> PathBuf {
        let name = digest.to_string();
        self.path.join(&name[..2]).join(name)
    }
}

#[async_trait]
impl Blobs for BlobFolder {
    async fn put(&self, bytes: Bytes) -> io::Result<Digest> {
        let digest = Digest::of(&bytes);
        let (file, root) = (self.file(digest), self.path.clone());
        blocking(move || {
            // One that is damaged is made whole.
            if std::fs::read(&file).is_ok_and(|kept| kept == bytes) {
                return Ok(());
            }
            let folder = file.parent().unwrap_or(Path::new("."));
            std::fs::create_dir_all(folder)?;
            let scratch = file.with_extension(format!("{}.tmp", uuid::Uuid::new_v4()));
            let written = std::fs::write(&scratch, &bytes)
                .and_then(|()| std::fs::File::open(&scratch)?.sync_all())
                .and_then(|()| std::fs::rename(&scratch, &file))
                .and_then(|()| std::fs::File::open(folder)?.sync_all())
                .and_then(|()| std::fs::File::open(&root)?.sync_all());
            if written.is_err() {
                let _half_written = std::fs::remove_file(&scratch);
            }
            written
        })
        .await?;
        Ok(digest)
    }

    async fn get(&self, digest: Digest) -> io::Result<Option<Bytes>> {
        let file = self.file(digest);
        blocking(move || {
            let bytes = match std::fs::read(&file) {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error),
            };
            if Digest::of(&bytes) != digest {
                let text = format!("{} is damaged: upload the version again, or restore the file", file.display());
                return Err(io::Error::new(io::ErrorKind::InvalidData, text));
            }
            Ok(Some(bytes.into()))
        })
        .await
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn blobs_are_found_whole_or_not_at_all() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let blobs = BlobFolder::open(folder.path())?;
        let digest = blobs.put(Bytes::from_static(b"content")).await?;
        assert_eq!(blobs.get(digest).await?.as_deref(), Some(&b"content"[..]));
        assert_eq!(blobs.get(Digest::of(b"other")).await?, None);
        std::fs::write(blobs.file(digest), b"c0ntent")?;
        assert_eq!(blobs.get(digest).await.map_err(|error| error.kind()), Err(io::ErrorKind::InvalidData));
        blobs.put(Bytes::from_static(b"content")).await?;
        assert!(blobs.get(digest).await?.is_some(), "an upload mends it");
        Ok(())
    }
}
