use std::os::fd::OwnedFd;

use crate::{EventId, PageSet};

/// A Durable Object by what it is everywhere: 32 bytes, of which the last 16 prove that the namespace's holder made the others.
pub type ObjectId = [u8; 32];

/// A Durable Object as an isolate takes it in.
#[derive(Debug)]
pub struct ObjectEvent {
    /// The name of the exported class.
    pub class: String,
    pub id: ObjectId,
    /// Where the id was made from a name that is known.
    pub name: Option<String>,
    /// Its database. A descriptor goes beside a message and not within it.
    pub file: ObjectFile,
    /// How many commits the file holds: the next has the number after it.
    pub commits: u64,
}

/// The file of an object's database.
#[derive(Debug, Default)]
pub struct ObjectFile(pub Option<OwnedFd>);

/// What an object has written in one turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectCommit {
    pub object: EventId,
    /// One more than that of the commit before.
    pub number: u64,
    pub pages: PageSet,
    /// More pages of the same commit follow: what is large comes in parts.
    pub has_more: bool,
    /// When the object is to be woken, in milliseconds of Unix time.
    pub alarm_ms: Option<u64>,
}

/// What an object asks about its past. The answer has the question's number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectRecall {
    pub object: EventId,
    /// Chosen by the isolate.
    pub id: u32,
    pub question: Recall,
}

/// Each is answered with a bookmark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recall {
    /// Where its history is now.
    Now,
    /// Where it was at a time, in milliseconds of Unix time.
    At { time_ms: u64 },
    /// When it is opened the next time, it is to be what it was there.
    RestoreNext { bookmark: String },
}
