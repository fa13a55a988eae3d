//! The layers against a model: plain bytes.

use std::fs::File;
use std::os::unix::fs::FileExt;

use proptest::prelude::*;
use skerry_messages::{PAGE_BYTES, PageSet};

use super::store::{Full, Store};

type Failure = Box<dyn std::error::Error>;

#[derive(Debug, Clone)]
enum Action {
    Write(usize, u8),
    WritePart(usize, usize, u8),
    Truncate(usize),
    Erase,
    Discard,
    Seal,
    /// How many commits are not acknowledged yet.
    Checkpoint(usize),
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        8 => (0_usize..6, 1_u8..).prop_map(|(page, byte)| Action::Write(page, byte)),
        2 => (0_usize..6, 0_usize..PAGE_BYTES, 1_u8..).prop_map(|(page, within, byte)| Action::WritePart(page, within, byte)),
        4 => (0_usize..6).prop_map(Action::Truncate),
        1 => Just(Action::Erase),
        2 => Just(Action::Discard),
        6 => Just(Action::Seal),
        4 => (0_usize..3).prop_map(Action::Checkpoint),
    ]
}

struct Model {
    store: Store,
    file: File,
    open: Vec<u8>,
    /// What each commit left; the first is the empty file.
    committed: Vec<Vec<u8>>,
    log: Vec<PageSet>,
    acknowledged: usize,
    /// So many commits are in the file for certain, so that the log may have forgotten them.
    trimmed: usize,
}

fn apply(bytes: &mut Vec<u8>, set: &PageSet) {
    bytes.resize(set.page_count as usize * PAGE_BYTES, 0);
    for page in &set.pages {
        let start = (page.number as usize - 1) * PAGE_BYTES;
        bytes[start..start + PAGE_BYTES].copy_from_slice(&page.bytes);
    }
}

impl Model {
    fn new() -> Result<Self, Failure> {
        let file = tempfile::tempfile()?;
        let store = Store::new(file.try_clone()?, 1 << 20)?;
        Ok(Self { store, file, open: Vec::new(), committed: vec![Vec::new()], log: Vec::new(), acknowledged: 0, trimmed: 0 })
    }

    fn last(&self) -> Vec<u8> {
        self.committed.last().cloned().unwrap_or_default()
    }

    fn write(&mut self, start: usize, bytes: &[u8]) -> Result<(), Failure> {
        let end = (start + bytes.len()).next_multiple_of(PAGE_BYTES);
        if self.open.len() < end {
            self.open.resize(end, 0);
        }
        self.open[start..start + bytes.len()].copy_from_slice(bytes);
        assert_eq!(self.store.write(bytes, start as u64)?, Ok(()));
        Ok(())
    }

    fn act(&mut self, action: &Action) -> Result<(), Failure> {
        match *action {
            Action::Write(page, byte) => self.write(page * PAGE_BYTES, &[byte; PAGE_BYTES])?,
            Action::WritePart(page, within, byte) => self.write(page * PAGE_BYTES + within, &[byte; 100])?,
            Action::Truncate(pages) => {
                self.open.resize(pages * PAGE_BYTES, 0);
                assert_eq!(self.store.truncate((pages * PAGE_BYTES) as u64), Ok(()));
            }
            Action::Erase => {
                self.open.clear();
                self.store.erase();
            }
            Action::Discard => {
                self.open = self.last();
                self.store.discard();
            }
            Action::Seal => {
                let Some((number, set)) = self.store.seal() else {
                    assert!(self.open == self.last(), "something had changed");
                    return Ok(());
                };
                assert_eq!(number, self.committed.len() as u64);
                assert!(set.pages.is_sorted_by(|one, other| one.number < other.number), "in order, each once");
                let mut replica = self.last();
                apply(&mut replica, &set);
                assert!(replica == self.open, "the replica differs");
                self.committed.push(replica);
                self.log.push(set);
            }
            Action::Checkpoint(lag) => {
                self.acknowledged = self.acknowledged.max(self.log.len().saturating_sub(lag));
                self.store.checkpoint(self.acknowledged as u64)?;
                if self.acknowledged == self.log.len() {
                    assert!(self.file_bytes()? == self.last(), "the file is not the database");
                    assert_eq!(self.store.unsaved_bytes(), 0);
                    self.trimmed = self.acknowledged;
                }
            }
        }
        self.check()
    }

    fn file_bytes(&self) -> Result<Vec<u8>, Failure> {
        let mut bytes = vec![0; usize::try_from(self.file.metadata()?.len())?];
        self.file.read_exact_at(&mut bytes, 0)?;
        Ok(bytes)
    }

    fn check(&self) -> Result<(), Failure> {
        let mut read = vec![0xee; self.open.len() + 10];
        assert_eq!(self.store.bytes(), self.open.len() as u64);
        assert!(!self.store.read(&mut read, 0)?, "it ends before");
        assert!(read[..self.open.len()] == self.open && read[self.open.len()..] == [0; 10], "read otherwise than written");
        // After a crash, the log has at least what was acknowledged; laid over the file it is what was committed last.
        let file = self.file_bytes()?;
        for durable in self.acknowledged..=self.log.len() {
            let mut rebuilt = file.clone();
            self.log[self.trimmed..durable].iter().for_each(|set| apply(&mut rebuilt, set));
            assert!(rebuilt == self.committed[durable], "rebuilt otherwise than committed");
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_layers_are_plain_bytes(actions in prop::collection::vec(action(), 1..60)) {
        let run = || -> Result<(), Failure> {
            let mut model = Model::new()?;
            actions.iter().try_for_each(|action| model.act(action))
        };
        if let Err(error) = run() {
            prop_assert!(false, "{error}");
        }
    }
}

#[test]
fn a_turn_has_so_many_pages_and_no_more() -> Result<(), Failure> {
    let mut store = Store::new(tempfile::tempfile()?, 2 * PAGE_BYTES as u64)?;
    let page = [1; PAGE_BYTES];
    assert_eq!(store.write(&page, 0)?, Ok(()));
    assert_eq!(store.write(&page, PAGE_BYTES as u64)?, Ok(()));
    assert_eq!(store.write(&page, 0)?, Ok(()), "not a new one");
    assert_eq!(store.write(&page, 2 * PAGE_BYTES as u64)?, Err(Full::Turn));
    store.seal();
    assert_eq!(store.write(&page, 2 * PAGE_BYTES as u64)?, Ok(()));
    assert_eq!(store.write(&page, u64::from(u32::MAX) * PAGE_BYTES as u64)?, Err(Full::Place));
    Ok(())
}
