//! The bytes of the database, in three layers.
//!
//! ```text
//!   open       what the turn under way has written              given back by `discard`, sealed by `seal`
//!   committed  pages of commits that are not in the file yet    last image of each, shared with the log
//!   file       what checkpoints have written
//! ```
//!
//! Invariant: the file never holds a page of a commit that nobody has acknowledged.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::os::unix::fs::FileExt;

use bytes::Bytes;
use rustc_hash::FxHashMap;
use skerry_messages::{PAGE_BYTES, Page, PageSet};

use crate::DbError;

const PAGE: u64 = PAGE_BYTES as u64;

/// Why a write was refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Full {
    /// The turn has changed as many pages as it may.
    Turn,
    /// Not a place in a database.
    Place,
}

struct Kept {
    bytes: Bytes,
    commit: u64,
}

pub(crate) struct Store {
    file: File,
    /// How long the file is.
    file_pages: u32,
    /// So many pages of it still count: beyond them it was cut by the commit `cut_by`.
    base_pages: u32,
    cut_by: u64,
    committed: FxHashMap<u32, Kept>,
    page_count: u32,
    commits: u64,
    open: Open,
    turn_pages_max: usize,
}

#[derive(Default)]
struct Open {
    pages: FxHashMap<u32, Vec<u8>>,
    page_count: u32,
    /// The database was once as short as that in this turn: what lay beyond is gone.
    shortest: u32,
}

impl Store {
    pub(crate) fn new(file: File, turn_bytes_max: u64) -> Result<Self, DbError> {
        // What asks for a file's metadata could also ask for those of a path: a cell may not.
        let bytes = (&file).seek(SeekFrom::End(0))?;
        let pages = u32::try_from(bytes / PAGE).map_err(|_too_large| DbError::File(format!("{bytes} bytes are too many")))?;
        if bytes % PAGE != 0 {
            return Err(DbError::File(format!("{bytes} bytes are not whole pages of {PAGE_BYTES}")));
        }
        if pages > 0 {
            check_header(&file)?;
        }
        Ok(Self {
            file,
            file_pages: pages,
            base_pages: pages,
            cut_by: 0,
            committed: FxHashMap::default(),
            page_count: pages,
            commits: 0,
            open: Open { pages: FxHashMap::default(), page_count: pages, shortest: pages },
            turn_pages_max: usize::try_from(turn_bytes_max / PAGE).unwrap_or(usize::MAX),
        })
    }

    /// Of the database as the turn sees it.
    pub(crate) fn bytes(&self) -> u64 {
        u64::from(self.open.page_count) * PAGE
    }

    /// The number of the last commit.
    pub(crate) fn commits(&self) -> u64 {
        self.commits
    }

    /// Of pages that are committed and not in the file.
    pub(crate) fn unsaved_bytes(&self) -> u64 {
        self.committed.len() as u64 * PAGE
    }

    /// Of the pages that the turn has written out so far.
    pub(crate) fn open_bytes(&self) -> u64 {
        self.open.pages.len() as u64 * PAGE
    }

    /// Fills `into`; `false` if the database ends before it does, with zeros for the rest.
    pub(crate) fn read(&self, into: &mut [u8], offset: u64) -> io::Result<bool> {
        let mut done = 0;
        while let Some(rest) = into.get_mut(done..).filter(|rest| !rest.is_empty()) {
            let Some((number, within)) = place(offset.saturating_add(done as u64)).filter(|(n, _)| *n <= self.open.page_count)
            else {
                rest.fill(0);
                return Ok(false);
            };
            let length = rest.len().min(PAGE_BYTES - within);
            self.read_page(number, within, &mut rest[..length])?;
            done += length;
        }
        Ok(true)
    }

    fn read_page(&self, number: u32, within: usize, into: &mut [u8]) -> io::Result<()> {
        let image = match self.open.pages.get(&number) {
            Some(page) => Some(&page[..]),
            None if number > self.open.shortest => None,
            None => self.committed.get(&number).map(|kept| &kept.bytes[..]),
        };
        if let Some(image) = image {
            into.copy_from_slice(&image[within..within + into.len()]);
            return Ok(());
        }
        if number > self.open.shortest.min(self.base_pages) {
            into.fill(0);
            return Ok(());
        }
        self.file.read_exact_at(into, u64::from(number - 1) * PAGE + within as u64)
    }

    /// Writes into the turn's layer.
    pub(crate) fn write(&mut self, mut bytes: &[u8], mut offset: u64) -> io::Result<Result<(), Full>> {
        while !bytes.is_empty() {
            let Some((number, within)) = place(offset) else { return Ok(Err(Full::Place)) };
            let length = bytes.len().min(PAGE_BYTES - within);
            let (now, rest) = bytes.split_at(length);
            if let Some(page) = self.open.pages.get_mut(&number) {
                page[within..within + length].copy_from_slice(now);
            } else {
                if self.open.pages.len() >= self.turn_pages_max {
                    return Ok(Err(Full::Turn));
                }
                let mut page = vec![0; PAGE_BYTES];
                if length < PAGE_BYTES && number <= self.open.page_count {
                    self.read_page(number, 0, &mut page)?;
                }
                page[within..within + length].copy_from_slice(now);
                self.open.pages.insert(number, page);
            }
            self.open.page_count = self.open.page_count.max(number);
            bytes = rest;
            offset = offset.saturating_add(length as u64);
        }
        Ok(Ok(()))
    }

    /// Makes the database so long.
    pub(crate) fn truncate(&mut self, bytes: u64) -> Result<(), Full> {
        let pages = u32::try_from(bytes / PAGE).map_err(|_too_large| Full::Place)?;
        if pages < self.open.page_count {
            self.open.pages.retain(|number, _| *number <= pages);
            self.open.shortest = self.open.shortest.min(pages);
        }
        self.open.page_count = pages;
        Ok(())
    }

    /// Gives up what the turn has written.
    pub(crate) fn discard(&mut self) {
        self.open = Open { pages: FxHashMap::default(), page_count: self.page_count, shortest: self.page_count };
    }

    /// Makes what the turn has written a commit; `None` if it has changed nothing.
    pub(crate) fn seal(&mut self) -> Option<(u64, PageSet)> {
        if self.open.pages.is_empty() && self.open.page_count == self.page_count && self.open.shortest >= self.page_count {
            return None;
        }
        let Open { mut pages, page_count, shortest } = std::mem::take(&mut self.open);
        // What was cut off and grew again is empty where nothing was written since.
        for number in shortest.saturating_add(1)..=page_count.min(self.page_count) {
            pages.entry(number).or_insert_with(|| vec![0; PAGE_BYTES]);
        }
        self.commits += 1;
        let mut pages: Vec<Page> = pages.into_iter().map(|(number, bytes)| Page { number, bytes: bytes.into() }).collect();
        pages.sort_unstable_by_key(|page| page.number);
        if page_count < self.page_count {
            self.committed.retain(|number, _| *number <= page_count);
        }
        let still = shortest.min(page_count);
        if still < self.base_pages {
            self.base_pages = still;
            self.cut_by = self.commits;
        }
        for page in &pages {
            self.committed.insert(page.number, Kept { bytes: page.bytes.clone(), commit: self.commits });
        }
        self.page_count = page_count;
        self.discard();
        Some((self.commits, PageSet { page_count, pages }))
    }

    /// Writes into the file what commits up to `acknowledged` have left. With the last one it is the whole database.
    pub(crate) fn checkpoint(&mut self, acknowledged: u64) -> io::Result<()> {
        if self.file_pages > self.base_pages && self.cut_by <= acknowledged {
            self.file.set_len(u64::from(self.base_pages) * PAGE)?;
            self.file_pages = self.base_pages;
        }
        // A page beyond a cut that is not made yet is of a commit after that cut: it waits as well.
        let writable = self.committed.iter().filter(|(_, kept)| kept.commit <= acknowledged);
        let mut numbers: Vec<u32> = writable.map(|(number, _)| *number).collect();
        numbers.sort_unstable();
        for number in &numbers {
            if let Some(kept) = self.committed.get(number) {
                self.file.write_all_at(&kept.bytes, u64::from(number - 1) * PAGE)?;
            }
            if *number > self.file_pages {
                (self.file_pages, self.base_pages) = (*number, *number);
            }
        }
        for number in &numbers {
            self.committed.remove(number);
        }
        self.committed.shrink_to_fit();
        if acknowledged >= self.commits && self.file_pages != self.page_count {
            self.file.set_len(u64::from(self.page_count) * PAGE)?;
            (self.file_pages, self.base_pages) = (self.page_count, self.page_count);
        }
        Ok(())
    }

    /// The file again.
    pub(crate) fn into_file(self) -> File {
        self.file
    }

    /// Makes the database empty, in the turn's layer.
    pub(crate) fn erase(&mut self) {
        self.open = Open::default();
    }
}

/// The page's number, and where in it.
fn place(offset: u64) -> Option<(u32, usize)> {
    let number = u32::try_from(offset / PAGE).ok()?.checked_add(1)?;
    Some((number, usize::try_from(offset % PAGE).ok()?))
}

/// The file is one that these layers can lie on: our page size, no WAL, UTF-8.
fn check_header(file: &File) -> Result<(), DbError> {
    let mut header = [0; 100];
    file.read_exact_at(&mut header, 0)?;
    let encoding = u32::from_be_bytes([header[56], header[57], header[58], header[59]]);
    let wrong = if &header[..16] != b"SQLite format 3\0" {
        "it is not a database of SQLite"
    } else if u16::from_be_bytes([header[16], header[17]]) != PAGE_BYTES as u16 {
        "its pages are not of 4096 bytes: rebuild it with `PRAGMA page_size=4096; VACUUM`"
    } else if header[18] != 1 || header[19] != 1 {
        "it is in WAL mode: leave that with `PRAGMA journal_mode=DELETE`"
    } else if header[20] != 0 {
        "its pages have reserved bytes: rebuild it without them"
    } else if encoding > 1 {
        "its texts are not UTF-8"
    } else if header[52..56] != [0; 4] {
        "it is in auto_vacuum mode: leave that with `PRAGMA auto_vacuum=0; VACUUM`"
    } else {
        return Ok(());
    };
    Err(DbError::File(wrong.to_owned()))
}
