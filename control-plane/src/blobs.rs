//! Immutable bytes, named by their digests.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;
use skerry_protocol::Digest;

#[async_trait]
pub trait Blobs: Send + Sync {
    /// On disk when it says so.
    async fn put(&self, bytes: Bytes) -> io::Result<Digest>;

    /// None where there is no such blob; an error where it is damaged.
    async fn get(&self, digest: Digest) -> io::Result<Option<Bytes>>;

    /// Those that were put last before this time. Also removes what was left behind half written by then.
    async fn put_before(&self, time: SystemTime) -> io::Result<Vec<Digest>>;

    /// Removes it, unless it was put again since. Gives its size, if it is gone.
    async fn remove(&self, digest: Digest, put_before: SystemTime) -> io::Result<Option<u64>>;
}

/// Ends the names of files that are being written.
const SCRATCH: &str = "tmp";

/// Blobs as files in a folder. A file's time is when its blob was put last.
pub struct BlobFolder {
    path: PathBuf,
    /// Held where it is decided whether a file stays.
    staying: Arc<Mutex<()>>,
}

impl BlobFolder {
    pub fn open(path: &Path) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        Ok(Self { path: path.to_owned(), staying: Arc::default() })
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
        let (file, root, staying) = (self.file(digest), self.path.clone(), self.staying.clone());
        blocking(move || {
            // One that is damaged is made whole.
            if fs::read(&file).is_ok_and(|kept| kept == bytes) && stays(&file, &staying) {
                return Ok(());
            }
            let folder = file.parent().unwrap_or(Path::new("."));
            fs::create_dir_all(folder)?;
            let scratch = file.with_extension(format!("{}.{SCRATCH}", uuid::Uuid::new_v4()));
            let written = fs::write(&scratch, &bytes)
                .and_then(|()| File::open(&scratch)?.sync_all())
                .and_then(|()| {
                    let _held = staying.lock();
                    fs::rename(&scratch, &file)
                })
                .and_then(|()| File::open(folder)?.sync_all())
                .and_then(|()| File::open(&root)?.sync_all());
            if written.is_err() {
                let _half_written = fs::remove_file(&scratch);
            }
            written
        })
        .await?;
        Ok(digest)
    }

    async fn get(&self, digest: Digest) -> io::Result<Option<Bytes>> {
        let file = self.file(digest);
        blocking(move || {
            let bytes = match fs::read(&file) {
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

    async fn put_before(&self, time: SystemTime) -> io::Result<Vec<Digest>> {
        let root = self.path.clone();
        blocking(move || {
            let mut found = Vec::new();
            for folder in fs::read_dir(&root)? {
                let Ok(entries) = fs::read_dir(folder?.path()) else { continue };
                for entry in entries.map_while(Result::ok) {
                    let is_old = entry.metadata().and_then(|data| data.modified()).is_ok_and(|put| put < time);
                    let name = entry.file_name();
                    match name.to_str().map(|name| (name.parse(), name.rsplit_once('.'))) {
                        Some((Ok(digest), _)) if is_old => found.push(digest),
                        Some((Err(_), Some((_, SCRATCH)))) if is_old => drop(fs::remove_file(entry.path())),
                        _ => {}
                    }
                }
            }
            Ok(found)
        })
        .await
    }

    async fn remove(&self, digest: Digest, put_before: SystemTime) -> io::Result<Option<u64>> {
        let (file, staying) = (self.file(digest), self.staying.clone());
        blocking(move || {
            let _held = staying.lock();
            match file.metadata() {
                Ok(data) if data.modified()? < put_before => fs::remove_file(&file).map(|()| Some(data.len())),
                Ok(_) => Ok(None),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error),
            }
        })
        .await
    }
}

/// Makes a file one that was put just now; false if it was removed meanwhile.
fn stays(file: &Path, staying: &Mutex<()>) -> bool {
    let _held = staying.lock();
    File::options().append(true).open(file).and_then(|open| open.set_modified(SystemTime::now())).is_ok()
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
        fs::write(blobs.file(digest), b"c0ntent")?;
        assert_eq!(blobs.get(digest).await.map_err(|error| error.kind()), Err(io::ErrorKind::InvalidData));
        blobs.put(Bytes::from_static(b"content")).await?;
        assert!(blobs.get(digest).await?.is_some(), "an upload mends it");
        Ok(())
    }

    #[tokio::test]
    async fn a_blob_is_as_young_as_the_last_who_put_it() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let blobs = BlobFolder::open(folder.path())?;
        let (kept, gone) = (blobs.put(Bytes::from_static(b"kept")).await?, blobs.put(Bytes::from_static(b"gone")).await?);
        let scratch = blobs.file(gone).with_extension("x.tmp");
        fs::write(&scratch, "half")?;
        let (now, old) = (SystemTime::now(), SystemTime::now() - std::time::Duration::from_secs(100));
        for file in [&blobs.file(kept), &blobs.file(gone), &scratch] {
            File::options().append(true).open(file)?.set_modified(old)?;
        }
        assert_eq!(blobs.put_before(old).await?, []);
        assert_eq!(blobs.put_before(now).await?.len(), 2);
        assert!(!scratch.exists(), "what was left half written goes");
        blobs.put(Bytes::from_static(b"kept")).await?;
        assert_eq!((blobs.remove(kept, now).await?, blobs.remove(gone, now).await?), (None, Some(4)));
        assert_eq!((blobs.get(kept).await?.is_some(), blobs.get(gone).await?), (true, None));
        assert_eq!(blobs.remove(gone, now).await?, None);
        Ok(())
    }
}
