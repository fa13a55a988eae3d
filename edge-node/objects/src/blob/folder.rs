//! Blobs as files in a folder, in 256 folders by the first two digits of their names.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;

use super::Blob;
use crate::error::StoreError;
use crate::object::Digest;

/// Ends the names of files that are being written.
const SCRATCH: &str = "tmp";

/// A file's time is when its blob was put last.
pub struct BlobFolder {
    path: PathBuf,
    /// Held where it is decided whether a file stays.
    staying: Arc<Mutex<()>>,
}

impl BlobFolder {
    pub fn open(path: &Path) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        Ok(Self::at(path))
    }

    /// The same, where the folder is not made if it is missing: it has no blobs then.
    pub(crate) fn at(path: &Path) -> Self {
        Self { path: path.to_owned(), staying: Arc::default() }
    }

    pub(crate) fn file(&self, digest: Digest) -> PathBuf {
        let name = digest.to_string();
        self.path.join(&name[..2]).join(name)
    }
}

#[async_trait]
impl Blob for BlobFolder {
    async fn put(&self, bytes: Bytes) -> Result<Digest, StoreError> {
        let (root, digest, staying) = (self.path.clone(), Digest::of(&bytes), self.staying.clone());
        let file = self.file(digest);
        blocking(move || {
            let folder = file.parent().unwrap_or(&root);
            if !folder.exists() {
                fs::create_dir_all(folder)?;
                File::open(&root)?.sync_all()?;
            }
            let scratch = file.with_extension(format!("{}.{SCRATCH}", uuid::Uuid::new_v4()));
            let written = write(&scratch, &bytes).and_then(|()| {
                let _held = staying.lock();
                fs::rename(&scratch, &file)
            });
            if written.is_err() {
                let _half_written = fs::remove_file(&scratch);
            }
            written.and_then(|()| File::open(folder)?.sync_all())
        })
        .await?;
        Ok(digest)
    }

    async fn get(&self, digest: Digest) -> Result<Option<Bytes>, StoreError> {
        let file = self.file(digest);
        blocking(move || {
            let bytes = match fs::read(&file) {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error),
            };
            if Digest::of(&bytes) != digest {
                return Err(io::Error::new(ErrorKind::InvalidData, format!("{} is damaged: restore the file", file.display())));
            }
            Ok(Some(bytes.into()))
        })
        .await
    }

    async fn delete(&self, digest: Digest, put_before: SystemTime) -> Result<(), StoreError> {
        let (file, staying) = (self.file(digest), self.staying.clone());
        blocking(move || {
            let _held = staying.lock();
            match file.metadata() {
                Ok(data) if data.modified()? < put_before => fs::remove_file(&file),
                Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            }
        })
        .await
    }

    async fn list(&self, put_before: SystemTime) -> Result<Vec<Digest>, StoreError> {
        let root = self.path.clone();
        blocking(move || {
            let mut found = Vec::new();
            for folder in fs::read_dir(&root)? {
                let Ok(entries) = fs::read_dir(folder?.path()) else { continue };
                for entry in entries.map_while(Result::ok) {
                    let is_old = entry.metadata().and_then(|data| data.modified()).is_ok_and(|put| put < put_before);
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
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await.map_err(|error| StoreError::Failed(error.to_string()))?;
    Ok(done?)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::blob::contract::{self, Failure};

    #[tokio::test]
    async fn a_folder_keeps_the_contract() -> Result<(), Failure> {
        let folder = tempfile::tempdir()?;
        contract::check(&BlobFolder::open(folder.path())?).await
    }

    #[tokio::test]
    async fn a_damaged_file_is_refused_by_name_and_mended_by_putting_it_again() -> Result<(), Failure> {
        let folder = tempfile::tempdir()?;
        let blobs = BlobFolder::open(folder.path())?;
        let digest = blobs.put(Bytes::from_static(b"content")).await?;
        fs::write(blobs.file(digest), b"c0ntent")?;
        let refused = blobs.get(digest).await.err().ok_or("it was read")?.to_string();
        assert!(refused.contains(&digest.to_string()) && refused.contains("damaged"), "{refused}");
        blobs.put(Bytes::from_static(b"content")).await?;
        assert!(blobs.get(digest).await?.is_some());
        Ok(())
    }

    #[tokio::test]
    async fn what_is_left_half_written_goes_when_it_is_old() -> Result<(), Failure> {
        let folder = tempfile::tempdir()?;
        let blobs = BlobFolder::open(folder.path())?;
        let digest = blobs.put(Bytes::from_static(b"content")).await?;
        let scratch = blobs.file(digest).with_extension("x.tmp");
        fs::write(&scratch, "half")?;
        assert_eq!(blobs.list(SystemTime::now() - Duration::from_secs(60)).await?, []);
        assert!(scratch.exists());
        assert_eq!(blobs.list(SystemTime::now() + Duration::from_secs(60)).await?, [digest]);
        assert!(!scratch.exists());
        Ok(())
    }
}
