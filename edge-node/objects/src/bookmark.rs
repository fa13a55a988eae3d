//! A place in an object's history, as text that sorts as the places do.
//!
//! Two kinds: behind an entry, and right before the next restore behind an entry. The second is given before that restore is made, when
//! nobody knows yet what is written until then: it undoes it.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::error::EngineError;
use crate::object::{Epoch, ObjectId, Position};

/// Ends bookmarks that undo a restore: they sort behind that of the same entry, and before that of the next.
const UNDO: &str = "-undo";

/// `POSITION-CHECK`, 16 and 16 hex digits, and maybe `-undo`. The check is of object, birth and position: a bookmark of another object is
/// refused.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bookmark(String);

/// What a bookmark leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Behind(Position),
    /// The last entry before the first restore behind this one.
    BeforeRestoreBehind(Position),
}

impl Bookmark {
    pub(crate) fn new(object: ObjectId, birth: Epoch, position: Position) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(object.0);
        hasher.update(birth.to_le_bytes());
        hasher.update(position.to_le_bytes());
        let mut check = [0; 8];
        check.copy_from_slice(&hasher.finalize()[..8]);
        Self(format!("{position:016x}-{:016x}", u64::from_be_bytes(check)))
    }

    /// For a restore that is made behind this position.
    pub(crate) fn undo(object: ObjectId, birth: Epoch, position: Position) -> Self {
        Self(Self::new(object, birth, position).0 + UNDO)
    }

    /// Reads one of this object.
    pub(crate) fn place(text: &str, object: ObjectId, birth: Epoch) -> Result<Place, EngineError> {
        let plain = text.strip_suffix(UNDO).unwrap_or(text);
        let position = plain.split_once('-').and_then(|(position, _)| u64::from_str_radix(position, 16).ok());
        let fits = |position: &Position| Self::new(object, birth, *position).0 == plain;
        let position = position.filter(fits).ok_or_else(|| EngineError::Bookmark(text.chars().take(100).collect()))?;
        Ok(if plain.len() == text.len() { Place::Behind(position) } else { Place::BeforeRestoreBehind(position) })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Bookmark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bookmarks_sort_as_positions_and_fit_one_object() -> Result<(), EngineError> {
        let object = ObjectId([3; 32]);
        let marks: Vec<_> = [0, 9, 10, 255, 4096, u64::MAX].map(|position| Bookmark::new(object, 1, position)).to_vec();
        assert!(marks.is_sorted());
        assert_eq!(Bookmark::place(marks[4].as_str(), object, 1)?, Place::Behind(4096));
        let undo = Bookmark::undo(object, 1, 9);
        assert!(marks[1] < undo && undo < marks[2]);
        assert_eq!(Bookmark::place(undo.as_str(), object, 1)?, Place::BeforeRestoreBehind(9));
        let changed = marks[4].as_str().replacen('1', "2", 1);
        let cases = [(marks[4].as_str(), ObjectId([4; 32]), 1), (marks[4].as_str(), object, 2), (&changed, object, 1)];
        let wrong = ["", "-", "é-é", "-undo", &format!("{undo}-undo")].map(|text| (text.to_owned(), object, 1));
        for (text, object, birth) in cases.map(|(text, object, birth)| (text.to_owned(), object, birth)).into_iter().chain(wrong)
        {
            assert!(matches!(Bookmark::place(&text, object, birth), Err(EngineError::Bookmark(_))), "{text}");
        }
        Ok(())
    }
}
