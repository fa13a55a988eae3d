//! The folder of an edge: what it needs to serve when it can ask nobody.
//!
//! ```text
//!   blobs/ba/ba7816bf...   content, by its SHA-256; checked whenever it is read
//!   deployed.json          the last good configuration, after a line with its SHA-256; has secrets in it
//! ```
//! Files appear whole or not at all, and what is there is on the disk: each is written beside its place, synced, and then moved there.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use skerry_protocol::{DeployedWorker, Digest};

use super::error::StoreError;
use super::files::{at, make_folder, sync_folder, write_synced};

const CONFIGURATION: &str = "deployed.json";
const BLOBS: &str = "blobs";
/// Begins the names of files that are being written.
const SCRATCH: &str = "scratch-";
/// One that is older was left behind by a process that ended.
const SCRATCH_AGE: Duration = Duration::from_secs(3600);

/// The folder of an edge. Its calls wait for the disk.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    /// Blobs that were asked for and could not be read.
    lost: Mutex<BTreeSet<Digest>>,
    saving: Mutex<()>,
}

/// What `deployed.json` says after its first line.
#[derive(Serialize, Deserialize)]
pub(crate) struct Saved<Worker = DeployedWorker> {
    #[serde(default)]
    pub epoch: String,
    pub revision: u64,
    pub workers: Vec<Worker>,
    /// As they should be, and cannot be served yet.
    #[serde(default = "Vec::new")]
    pub waiting: Vec<Worker>,
}

/// Runs what waits for the disk where it holds up nobody.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(StoreError::BrokenOff))
}

impl Store {
    /// Makes the folder, if it is missing, and closes it to everybody else.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let blobs = folder.join(BLOBS);
        make_folder(&blobs)?;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).map_err(at(folder))?;
        for entry in fs::read_dir(folder).map_err(at(folder))? {
            let entry = entry.map_err(at(folder))?;
            let age = entry.metadata().and_then(|data| data.modified()).ok().and_then(|written| written.elapsed().ok());
            if entry.file_name().to_string_lossy().starts_with(SCRATCH) && age.is_some_and(|age| age > SCRATCH_AGE) {
                let _gone_already = fs::remove_file(entry.path());
            }
        }
        Ok(Self { folder: folder.to_owned(), lost: Mutex::default(), saving: Mutex::default() })
    }

    pub(super) fn path_of(&self, digest: Digest) -> PathBuf {
        let name = digest.to_string();
        self.folder.join(BLOBS).join(&name[..2]).join(name)
    }

    /// One that cannot be read is lost until it is put again.
    pub(super) fn read(&self, digest: Digest) -> Result<Bytes, StoreError> {
        let read = self.read_checked(digest);
        if read.is_err() {
            self.lost.lock().insert(digest);
        }
        read
    }

    /// For another edge: what is not here is nothing that was lost.
    pub(crate) fn give(&self, digest: Digest) -> Option<Bytes> {
        self.read_checked(digest).ok()
    }

    /// Removes it where it is damaged.
    pub(super) fn has_whole(&self, digest: Digest) -> bool {
        self.read_checked(digest).is_ok()
    }

    fn read_checked(&self, digest: Digest) -> Result<Bytes, StoreError> {
        let file = self.path_of(digest);
        let bytes = fs::read(&file).map_err(at(&file))?;
        if Digest::of(&bytes) == digest {
            return Ok(bytes.into());
        }
        fs::remove_file(&file).map_err(at(&file))?;
        let error = StoreError::DamagedBlob { file };
        tracing::warn!("{error}");
        Err(error)
    }

    /// `bytes` must be those of the digest.
    pub(super) fn put(&self, digest: Digest, bytes: &[u8]) -> Result<(), StoreError> {
        let file = self.path_of(digest);
        if let Some(folder) = file.parent() {
            make_folder(folder)?;
        }
        self.write(&file, bytes)?;
        self.lost.lock().remove(&digest);
        Ok(())
    }

    /// Blobs that could not be read and were not put since.
    pub(super) fn lost(&self) -> BTreeSet<Digest> {
        self.lost.lock().clone()
    }

    /// They could be read after all, or nobody needs them.
    pub(super) fn forget_lost(&self, digests: &BTreeSet<Digest>) {
        self.lost.lock().retain(|digest| !digests.contains(digest));
    }

    /// All blobs there are. Files that are something else are not looked at.
    pub(super) fn digests(&self) -> Result<Vec<Digest>, StoreError> {
        let blobs = self.folder.join(BLOBS);
        let mut found = Vec::new();
        for folder in fs::read_dir(&blobs).map_err(at(&blobs))? {
            let folder = folder.map_err(at(&blobs))?.path();
            let Ok(entries) = fs::read_dir(&folder) else { continue };
            for entry in entries {
                let entry = entry.map_err(at(&folder))?;
                let digest: Option<Digest> = entry.file_name().to_str().and_then(|name| name.parse().ok());
                found.extend(digest.filter(|digest| self.path_of(*digest) == entry.path()));
            }
        }
        Ok(found)
    }

    pub(super) fn remove(&self, digest: Digest) -> Result<(), StoreError> {
        let file = self.path_of(digest);
        fs::remove_file(&file).map_err(at(&file))
    }

    /// The last good configuration; none where there has been none.
    pub(crate) fn configuration(&self) -> Result<Option<Saved>, StoreError> {
        let file = self.folder.join(CONFIGURATION);
        let whole = match fs::read(&file) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            read => read.map_err(at(&file))?,
        };
        let line = whole.iter().position(|byte| *byte == b'\n');
        let (digest, json) = whole.split_at(line.map_or(whole.len(), |end| end + 1));
        if digest != format!("{}\n", Digest::of(json)).as_bytes() {
            return Err(StoreError::Damaged { file });
        }
        serde_json::from_slice(json).map(Some).map_err(|error| StoreError::Foreign { file, error })
    }

    pub(crate) fn save<Worker: Serialize>(&self, configuration: &Saved<Worker>) -> Result<(), StoreError> {
        let file = self.folder.join(CONFIGURATION);
        let json = serde_json::to_vec(configuration).map_err(|error| at(&file)(error.into()))?;
        let mut whole = format!("{}\n", Digest::of(&json)).into_bytes();
        whole.extend(json);
        // One that was given up by whoever waited for it does not come after the next.
        let _turn = self.saving.lock();
        self.write(&file, &whole)
    }

    /// Notes that what is kept is the newest there is: the file is as young as what it says.
    pub(super) fn touch(&self) -> Result<(), StoreError> {
        let file = self.folder.join(CONFIGURATION);
        let open = fs::File::options().write(true).open(&file);
        open.and_then(|open| open.set_modified(SystemTime::now())).map_err(at(&file))
    }

    /// How long ago what is kept was the newest; none where nothing is.
    pub(super) fn age(&self) -> Option<Duration> {
        let modified = fs::metadata(self.folder.join(CONFIGURATION)).and_then(|data| data.modified()).ok()?;
        // By a clock that was set back it is from the future.
        Some(modified.elapsed().unwrap_or_default())
    }

    fn write(&self, file: &Path, bytes: &[u8]) -> Result<(), StoreError> {
        let scratch = self.folder.join(format!("{SCRATCH}{}", crate::ids::unique()));
        let written = write_synced(&scratch, bytes).map_err(at(&scratch)).and_then(|()| {
            fs::rename(&scratch, file).map_err(at(file))?;
            file.parent().map_or(Ok(()), sync_folder)
        });
        if written.is_err() {
            let _gone_already = fs::remove_file(&scratch);
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io;

    use super::*;

    type Failure = Box<dyn std::error::Error>;

    fn mode(path: &Path) -> io::Result<u32> {
        Ok(path.metadata()?.permissions().mode() & 0o777)
    }

    fn names(folder: &Path) -> io::Result<BTreeSet<String>> {
        fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    }

    fn saved(revision: u64) -> Saved {
        Saved { epoch: String::new(), revision, workers: Vec::new(), waiting: Vec::new() }
    }

    #[test]
    fn what_is_put_is_read_and_nobody_else_may() -> Result<(), Failure> {
        let folder = tempfile::tempdir()?;
        let folder = folder.path().join("a/b");
        fs::create_dir_all(&folder)?;
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755))?;
        let store = Store::open(&folder)?;
        let digest = Digest::of(b"abc");
        store.put(digest, b"abc")?;
        store.save(&saved(7))?;
        assert_eq!(store.read(digest)?, b"abc"[..]);
        assert_eq!(store.configuration()?.map(|saved| saved.revision), Some(7));
        assert_eq!(store.digests()?, [digest]);
        let name = digest.to_string();
        assert!(folder.join("blobs/ba").join(&name).is_file() && name.starts_with("ba"));
        assert_eq!((mode(&folder)?, mode(&folder.join("blobs/ba"))?), (0o700, 0o700));
        assert_eq!((mode(&folder.join(CONFIGURATION))?, mode(&store.path_of(digest))?), (0o600, 0o600));
        // Nothing that was written on the way is left.
        assert_eq!(names(&folder)?, [BLOBS, CONFIGURATION].map(str::to_owned).into());
        store.remove(digest)?;
        assert_eq!(store.digests()?, []);
        Ok(())
    }

    #[test]
    fn a_damaged_blob_is_removed_and_lost_until_it_is_put_again() -> Result<(), Failure> {
        let folder = tempfile::tempdir()?;
        let store = Store::open(folder.path())?;
        let (damaged, missing) = (Digest::of(b"abc"), Digest::of(b"missing"));
        store.put(damaged, b"abc")?;
        fs::write(store.path_of(damaged), b"abd")?;
        let error = store.read(damaged).err().ok_or("it was read")?.to_string();
        assert!(error.contains(&damaged.to_string()) && error.contains("fetched again"), "{error}");
        assert!(!store.path_of(damaged).exists());
        assert!(store.read(missing).is_err());
        assert_eq!(store.lost(), [damaged, missing].into());
        store.put(damaged, b"abc")?;
        assert_eq!(store.lost(), [missing].into());
        assert_eq!(store.read(damaged)?, b"abc"[..]);
        Ok(())
    }

    #[test]
    fn a_configuration_is_as_old_as_the_last_word_that_it_is_the_newest() -> Result<(), Failure> {
        let folder = tempfile::tempdir()?;
        let store = Store::open(folder.path())?;
        assert!(store.age().is_none() && store.touch().is_err());
        store.save(&saved(7))?;
        let written = |at| File::options().write(true).open(folder.path().join(CONFIGURATION))?.set_modified(at);
        let now = SystemTime::now();
        written(now - SCRATCH_AGE)?;
        assert!(store.age() >= Some(SCRATCH_AGE));
        store.touch()?;
        assert!(store.age() < Some(SCRATCH_AGE));
        written(now + SCRATCH_AGE)?;
        assert_eq!(store.age(), Some(Duration::ZERO));
        assert_eq!(store.configuration()?.map(|saved| saved.revision), Some(7));
        Ok(())
    }

    #[test]
    fn a_damaged_configuration_is_named() -> Result<(), Failure> {
        let folder = tempfile::tempdir()?;
        let store = Store::open(folder.path())?;
        assert!(store.configuration()?.is_none());
        store.save(&saved(7))?;
        let file = folder.path().join(CONFIGURATION);
        let whole = fs::read_to_string(&file)?;
        let cut = &whole[..whole.len() - 1];
        for damaged in ["", "\n", "7", cut, &whole.replace('7', "8"), &whole.to_uppercase(), &format!("{whole} ")] {
            fs::write(&file, damaged)?;
            let error = store.configuration().err().ok_or("it was read")?;
            assert!(matches!(error, StoreError::Damaged { .. }), "{damaged:?}: {error}");
            assert!(error.to_string().contains(&*file.to_string_lossy()) && error.to_string().contains("snapshot"), "{error}");
        }
        let other = "{\"version\":2}";
        fs::write(&file, format!("{}\n{other}", Digest::of(other.as_bytes())))?;
        assert!(matches!(store.configuration(), Err(StoreError::Foreign { .. })));
        store.save(&saved(9))?;
        assert_eq!(store.configuration()?.map(|saved| saved.revision), Some(9));
        Ok(())
    }

    #[test]
    fn a_write_that_fails_leaves_what_was_there() -> Result<(), Failure> {
        let folder = tempfile::tempdir()?;
        let store = Store::open(folder.path())?;
        store.save(&saved(7))?;
        // A folder cannot be replaced by a file.
        let place = store.path_of(Digest::of(b"abc"));
        fs::create_dir_all(place.join("x"))?;
        assert!(store.put(Digest::of(b"abc"), b"abc").is_err());
        assert_eq!(names(folder.path())?, [BLOBS, CONFIGURATION].map(str::to_owned).into());
        assert_eq!(store.configuration()?.map(|saved| saved.revision), Some(7));
        Ok(())
    }

    #[test]
    fn only_blobs_and_old_scratch_files_are_taken_for_the_stores_own() -> Result<(), Failure> {
        let folder = tempfile::tempdir()?;
        let (old, young) = (folder.path().join("scratch-old"), folder.path().join("scratch-young"));
        fs::write(&young, "")?;
        File::create(&old)?.set_modified(SystemTime::now() - 2 * SCRATCH_AGE)?;
        let store = Store::open(folder.path())?;
        assert!(!old.exists() && young.exists());
        let name = Digest::of(b"abc").to_string();
        for other in
            ["blobs/ba/notes.txt".to_owned(), format!("blobs/ba/{name}.old"), format!("blobs/bb/{name}"), "blobs/x".into()]
        {
            let path = folder.path().join(other);
            fs::create_dir_all(path.parent().ok_or("no folder")?)?;
            fs::write(path, "abc")?;
        }
        assert_eq!(store.digests()?, []);
        Ok(())
    }
}
