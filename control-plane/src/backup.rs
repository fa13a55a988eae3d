//! A copy of a control plane's folder, made while it serves.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};
use skerry_protocol::Digest;

/// What lies beside the rows and the blobs.
const KEYS: [&str; 2] = ["secrets.key", "identity.key"];

#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("{}: there is no control plane in it: name the folder that `skerry serve` or `skerry control` has as --data", .0.display())]
    NoSource(PathBuf),
    #[error("{}: it is there already: name a folder that is not", .0.display())]
    Taken(PathBuf),
    #[error("{}: {error}", file.display())]
    Io { file: PathBuf, error: io::Error },
    #[error("{}: it cannot be copied: {error}", file.display())]
    Store { file: PathBuf, error: rusqlite::Error },
}

/// What a copy is.
#[derive(Debug, Default)]
pub struct Backup {
    pub bytes: u64,
    /// Blobs that are damaged where they are, and so are not in the copy.
    pub damaged: Vec<PathBuf>,
}

/// Copies `control/` of a data folder into a folder that is made for it, as of one moment.
///
/// Blobs are copied before the rows and after them: those that the rows name were there by then, and one of which a clean-up would
/// take away in between has been copied.
pub fn backup(data: &Path, target: &Path) -> Result<Backup, BackupError> {
    let (from, to) = (data.join("control"), target.join("control"));
    let rows = from.join("meta.db");
    if !rows.is_file() {
        return Err(BackupError::NoSource(data.to_owned()));
    }
    make(target).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Taken(target.to_owned()),
        _ => BackupError::Io { file: target.to_owned(), error },
    })?;
    make(&to).map_err(at(&to))?;
    let mut done = Backup::default();
    for name in KEYS {
        done.bytes += copy(&from.join(name), &to.join(name))?;
    }
    let (blobs, copied) = (from.join("blobs"), to.join("blobs"));
    make(&copied).map_err(at(&copied))?;
    copy_blobs(&blobs, &copied, &mut done)?;
    done.bytes += copy_rows(&rows, &to.join("meta.db"))?;
    done.damaged.clear();
    copy_blobs(&blobs, &copied, &mut done)?;
    for folder in [&copied, &to, &target.to_owned()] {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder))?;
    }
    Ok(done)
}

fn at(file: &Path) -> impl Fn(io::Error) -> BackupError {
    let file = file.to_owned();
    move |error| BackupError::Io { file: file.clone(), error }
}

/// There are secrets in it.
fn make(folder: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(folder)
}

fn copy_rows(from: &Path, to: &Path) -> Result<u64, BackupError> {
    let store = |error| BackupError::Store { file: from.to_owned(), error };
    let connection = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(store)?;
    connection.busy_timeout(super::meta::BUSY).map_err(store)?;
    connection.execute("VACUUM INTO ?1", [to.to_string_lossy()]).map_err(store)?;
    let written = File::open(to).and_then(|file| file.sync_all().and_then(|()| file.metadata()));
    Ok(written.map_err(at(to))?.len())
}

/// Those that are not there yet.
fn copy_blobs(from: &Path, to: &Path, done: &mut Backup) -> Result<(), BackupError> {
    for folder in fs::read_dir(from).map_err(at(from))? {
        let folder = folder.map_err(at(from))?;
        let (from, to) = (folder.path(), to.join(folder.file_name()));
        let Ok(entries) = fs::read_dir(&from) else { continue };
        if !to.is_dir() {
            make(&to).map_err(at(&to))?;
        }
        for entry in entries {
            let entry = entry.map_err(at(&from))?;
            let copied = to.join(entry.file_name());
            let digest: Option<Digest> = entry.file_name().to_str().and_then(|name| name.parse().ok());
            // Others are being written.
            if let Some(digest) = digest.filter(|_| !copied.exists()) {
                match copy_blob(digest, &entry.path(), &copied)? {
                    Some(bytes) => done.bytes += bytes,
                    None => done.damaged.push(entry.path()),
                }
            }
        }
        File::open(&to).and_then(|folder| folder.sync_all()).map_err(at(&to))?;
    }
    Ok(())
}

/// None where it is damaged.
fn copy_blob(digest: Digest, from: &Path, to: &Path) -> Result<Option<u64>, BackupError> {
    let content = match fs::read(from) {
        Ok(content) => content,
        // Nobody needs it any more.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Some(0)),
        Err(error) => return Err(at(from)(error)),
    };
    if Digest::of(&content) != digest {
        return Ok(None);
    }
    write(to, &content).map(Some)
}

fn copy(from: &Path, to: &Path) -> Result<u64, BackupError> {
    write(to, &fs::read(from).map_err(at(from))?)
}

fn write(to: &Path, content: &[u8]) -> Result<u64, BackupError> {
    let file = File::options().write(true).create_new(true).mode(0o600).open(to);
    let written = file.and_then(|mut file| {
        io::Write::write_all(&mut file, content)?;
        file.sync_all()
    });
    written.map_err(at(to))?;
    Ok(content.len() as u64)
}
