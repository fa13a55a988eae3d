//! A place in an object's history, as text that sorts as the places do.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::error::EngineError;
use crate::object::{Epoch, ObjectId, Position};

/// `POSITION-CHECK`, 16 and 16 hex digits. The check is of object, birth and position: a bookmark of another object is refused.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bookmark(String);

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

    /// Reads one of this object.
    pub(crate) fn position(text: &str, object: ObjectId, birth: Epoch) -> Result<Position, EngineError> {
        let position = text.split_once('-').and_then(|(position, _)| u64::from_str_radix(position, 16).ok());
        let fits = |position: &Position| Self::new(object, birth, *position).0 == text;
        position.filter(fits).ok_or_else(|| EngineError::Bookmark(text.chars().take(100).collect()))
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
        assert_eq!(Bookmark::position(marks[4].as_str(), object, 1)?, 4096);
        let changed = marks[4].as_str().replacen('1', "2", 1);
        let cases = [(marks[4].as_str(), ObjectId([4; 32]), 1), (marks[4].as_str(), object, 2), (&changed, object, 1)];
        for (text, object, birth) in cases.into_iter().chain(["", "-", "é-é"].map(|text| (text, object, 1))) {
            assert!(matches!(Bookmark::position(text, object, birth), Err(EngineError::Bookmark(_))), "{text}");
        }
        Ok(())
    }
}
