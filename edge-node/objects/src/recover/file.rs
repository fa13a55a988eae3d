//! A database file that is being built, or read again.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use skerry_messages::{PAGE_BYTES, Page, PageSet};

/// SQLite puts these beside a database.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Removes a database with what stands beside it.
pub(super) fn remove(path: &Path) {
    let beside = COMPANIONS.iter().map(|end| beside(path, end));
    for path in beside.chain([path.to_owned()]) {
        if let Err(error) = std::fs::remove_file(&path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!("{} cannot be removed: {error}", path.display());
        }
    }
}

/// Whether something stands beside it that SQLite would read into it.
pub(super) fn has_companion(path: &Path) -> bool {
    COMPANIONS.iter().any(|end| std::fs::metadata(beside(path, end)).is_ok_and(|data| data.len() > 0))
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(end);
    path.into()
}

/// Applies a transaction.
pub(super) fn apply(file: &File, pages: &PageSet) -> io::Result<()> {
    for page in &pages.pages {
        file.write_all_at(&page.bytes, offset(page.number))?;
    }
    file.set_len(u64::from(pages.page_count) * PAGE_BYTES as u64)
}

pub(super) fn read(file: &File, first: u32, count: u32) -> io::Result<Vec<Page>> {
    let mut bytes = vec![0; count as usize * PAGE_BYTES];
    file.read_exact_at(&mut bytes, offset(first))?;
    let bytes = bytes::Bytes::from(bytes);
    let page = |place: u32| {
        let start = place as usize * PAGE_BYTES;
        Page { number: first + place, bytes: bytes.slice(start..start + PAGE_BYTES) }
    };
    Ok((0..count).map(page).collect())
}

fn offset(number: u32) -> u64 {
    u64::from(number.saturating_sub(1)) * PAGE_BYTES as u64
}
