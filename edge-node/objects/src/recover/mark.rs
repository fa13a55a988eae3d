//! What is written beside a cache file that was closed cleanly, and what has to be so for it to be believed.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::Digest as _;

use super::file;
use crate::object::{Digest, Epoch, Position};

/// Files up to this size are read to be believed: some 10 ms. Larger ones are believed by length and time of their last change.
const DIGEST_BYTES_MAX: u64 = 16 << 20;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// The start of this machine: what was written before a power failure is not believed, because nothing of it was forced to the disk.
    boot: String,
    pub birth: Epoch,
    pub epoch: Epoch,
    pub position: Position,
    pub bytes: u64,
    changed_ns: i128,
    inode: u64,
    digest: Option<Digest>,
}

impl Mark {
    /// None where the file is not what a clean close leaves.
    pub(super) fn of(path: &Path, boot: &str, birth: Epoch, epoch: Epoch, position: Position) -> io::Result<Option<Self>> {
        if file::has_companion(path) {
            return Ok(None);
        }
        let data = std::fs::metadata(path)?;
        Ok(Some(Self {
            boot: boot.to_owned(),
            birth,
            epoch,
            position,
            bytes: data.len(),
            changed_ns: changed_ns(&data),
            inode: data.ino(),
            digest: digest(path, data.len())?,
        }))
    }

    /// Whether the file is still the same.
    pub(super) fn fits(&self, path: &Path, boot: &str) -> bool {
        let now = Self::of(path, boot, self.birth, self.epoch, self.position);
        matches!(now, Ok(Some(now)) if now == *self)
    }
}

fn changed_ns(data: &Metadata) -> i128 {
    i128::from(data.mtime()) * 1_000_000_000 + i128::from(data.mtime_nsec())
}

fn digest(path: &Path, bytes: u64) -> io::Result<Option<Digest>> {
    if bytes > DIGEST_BYTES_MAX {
        return Ok(None);
    }
    let mut hasher = sha2::Sha256::new();
    let mut file = File::open(path)?;
    let mut piece = vec![0; 64 << 10];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(Some(Digest(hasher.finalize().into()))),
            length => hasher.update(&piece[..length]),
        }
    }
}
