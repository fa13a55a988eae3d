//! The folder of objects' database files. Each owner has a file of its own: `FIRST TWO DIGITS/OBJECT-EPOCH.db`, and if it is kept for the
//! next, `OBJECT.clean` beside it says so.
//!
//! Invariant: a file is somebody's, or its mark names it, or it is garbage, which goes when the folder is opened.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use super::file;
use super::mark::Mark;
use crate::log::Taken;
use crate::object::{Epoch, ObjectId, Position};

pub(crate) struct Cache {
    folder: PathBuf,
    bytes_max: u64,
    boot: String,
    kept: Mutex<Kept>,
}

/// Files that are nobody's, those that were kept last at the end.
#[derive(Default)]
struct Kept {
    files: HashMap<ObjectId, (u64, u64)>,
    by_time: BTreeMap<u64, ObjectId>,
    bytes: u64,
    time: u64,
}

impl Kept {
    fn enter(&mut self, object: ObjectId, bytes: u64) {
        self.leave(object);
        self.time += 1;
        self.files.insert(object, (self.time, bytes));
        self.by_time.insert(self.time, object);
        self.bytes += bytes;
    }

    fn leave(&mut self, object: ObjectId) {
        if let Some((time, bytes)) = self.files.remove(&object) {
            self.by_time.remove(&time);
            self.bytes -= bytes;
        }
    }
}

/// A database file with an owner: it is removed when this is dropped, unless it was kept.
pub(crate) struct CacheFile {
    path: PathBuf,
    is_kept: bool,
}

impl CacheFile {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for CacheFile {
    fn drop(&mut self) {
        if !self.is_kept {
            file::remove(&self.path);
        }
    }
}

impl Cache {
    pub(crate) fn open(folder: &Path, bytes_max: u64) -> io::Result<Self> {
        let scratch = folder.join("scratch");
        if scratch.exists() {
            fs::remove_dir_all(&scratch)?;
        }
        fs::create_dir_all(&scratch)?;
        // Without it every start is taken for another one: files are built again.
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_else(|_| uuid::Uuid::new_v4().to_string());
        Ok(Self { folder: folder.to_owned(), bytes_max, boot: boot.trim().to_owned(), kept: Mutex::default() })
    }

    fn folder_of(&self, object: ObjectId) -> PathBuf {
        self.folder.join(&object.to_string()[..2])
    }

    fn mark_of(&self, object: ObjectId) -> PathBuf {
        self.folder_of(object).join(format!("{object}.clean"))
    }

    fn path(&self, object: ObjectId, epoch: Epoch) -> PathBuf {
        self.folder_of(object).join(format!("{object}-{epoch}.db"))
    }

    /// For a new owner. It is not there yet.
    pub(crate) fn file(&self, object: ObjectId, epoch: Epoch) -> CacheFile {
        CacheFile { path: self.path(object, epoch), is_kept: false }
    }

    pub(crate) fn scratch(&self) -> CacheFile {
        CacheFile { path: self.folder.join("scratch").join(format!("{}.db", uuid::Uuid::new_v4())), is_kept: false }
    }

    /// The file that an owner before has left, if there is no doubt that it is the object's database. Blocks.
    pub(crate) fn take(&self, taken: &Taken) -> Option<CacheFile> {
        let object = taken.object.object.id;
        let (mark, before) = self.unmark(object)?;
        let is_newest = mark.birth == taken.object.birth && mark.position >= taken.object.changed && mark.position <= taken.head;
        if !is_newest || !mark.fits(before.path(), &self.boot) {
            return None;
        }
        let file = self.file(object, taken.epoch);
        fs::rename(before.path(), file.path()).ok()?;
        Some(file)
    }

    /// Keeps a file for the next owner: its database was closed cleanly at this position. Of one that somebody may still have open, a copy.
    /// Blocks.
    pub(crate) fn keep(
        &self,
        mut file: CacheFile,
        object: ObjectId,
        birth: Epoch,
        epoch: Epoch,
        position: Position,
        is_lent: bool,
    ) -> io::Result<()> {
        if is_lent {
            let copy = self.scratch();
            fs::copy(file.path(), copy.path())?;
            fs::rename(copy.path(), file.path())?;
        }
        let Some(mark) = Mark::of(file.path(), &self.boot, birth, epoch, position)? else { return Ok(()) };
        let (path, scratch) = (self.mark_of(object), self.mark_of(object).with_extension("clean-tmp"));
        fs::write(&scratch, serde_json::to_vec(&mark)?)?;
        fs::rename(&scratch, &path)?;
        file.is_kept = true;
        self.kept.lock().enter(object, mark.bytes);
        self.evict();
        Ok(())
    }

    /// Takes the mark away; the file goes with what is given, if that is dropped.
    fn unmark(&self, object: ObjectId) -> Option<(Mark, CacheFile)> {
        self.kept.lock().leave(object);
        let path = self.mark_of(object);
        let mark: Option<Mark> = serde_json::from_slice(&fs::read(&path).ok()?).ok();
        fs::remove_file(&path).ok()?;
        let mark = mark?;
        let file = self.file(object, mark.epoch);
        Some((mark, file))
    }

    pub(crate) fn forget(&self, object: ObjectId) {
        drop(self.unmark(object));
    }

    /// Removes files until those that are left fit, the ones first that were kept longest ago.
    fn evict(&self) {
        loop {
            let oldest = {
                let kept = self.kept.lock();
                let oldest = kept.by_time.first_key_value().map(|(_, object)| *object);
                oldest.filter(|_| kept.bytes > self.bytes_max)
            };
            let Some(oldest) = oldest else { return };
            self.forget(oldest);
        }
    }

    /// Finds what processes before have kept, and removes what they have left. `first_epoch` is the first that this process gives. Blocks.
    pub(crate) fn scan(self: &Arc<Self>, first_epoch: Epoch) -> io::Result<()> {
        let mut found = Vec::new();
        for folder in fs::read_dir(&self.folder)? {
            let folder = folder?;
            if folder.file_name() == "scratch" {
                continue;
            }
            let Ok(entries) = fs::read_dir(folder.path()) else { continue };
            for entry in entries {
                let entry = entry?;
                let name = entry.file_name();
                let Some((object, epoch)) = name.to_str().and_then(parse).filter(|(_, epoch)| *epoch < first_epoch) else {
                    continue;
                };
                let mark = fs::read(self.mark_of(object)).ok().and_then(|bytes| serde_json::from_slice::<Mark>(&bytes).ok());
                match (mark, entry.metadata().and_then(|data| data.modified())) {
                    (Some(mark), Ok(changed)) if mark.epoch == epoch => found.push((changed, object, mark.bytes)),
                    _ => file::remove(&self.path(object, epoch)),
                }
            }
        }
        found.sort();
        for (_, object, bytes) in found {
            self.kept.lock().enter(object, bytes);
        }
        self.evict();
        Ok(())
    }
}

/// Object and epoch of a database or what stands beside it.
fn parse(name: &str) -> Option<(ObjectId, Epoch)> {
    let (stem, _) = name.split_once(".db")?;
    let (object, epoch) = stem.split_once('-')?;
    Some((object.parse().ok()?, epoch.parse().ok()?))
}
