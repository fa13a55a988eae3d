//! Statements kept under their text for the next use.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::Ready;

/// Those that do not run; one that runs is taken out, so a second run of the same text at the same time has a statement of its own.
#[derive(Default)]
pub(super) struct Cache {
    kept: FxHashMap<Rc<str>, Kept>,
    bytes: usize,
    uses: u64,
}

struct Kept {
    ready: Ready,
    bytes: usize,
    used: u64,
}

impl Cache {
    pub(super) fn take(&mut self, text: &str) -> Option<Ready> {
        let kept = self.kept.remove(text)?;
        self.bytes = self.bytes.saturating_sub(kept.bytes);
        Some(kept.ready)
    }

    /// Keeps a statement that has run; the one unused for longest makes room.
    pub(super) fn put(&mut self, mut ready: Ready, bytes_max: usize) {
        ready.statement.reset();
        let Some(text) = ready.text.clone() else { return };
        let bytes = ready.statement.bytes().saturating_add(text.len());
        if bytes > bytes_max {
            return;
        }
        self.uses += 1;
        self.bytes = self.bytes.saturating_add(bytes);
        if let Some(other) = self.kept.insert(text, Kept { ready, bytes, used: self.uses }) {
            self.bytes = self.bytes.saturating_sub(other.bytes);
        }
        while self.bytes > bytes_max {
            let Some(oldest) = self.kept.iter().min_by_key(|(_, kept)| kept.used).map(|(text, _)| Rc::clone(text)) else {
                return;
            };
            self.take(&oldest);
        }
    }
}
