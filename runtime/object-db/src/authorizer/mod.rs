//! Which statements a worker may prepare.
//!
//! The rules are Cloudflare's: one database, transactions only through the storage API, pragmas and functions from a list, names that
//! begin with `_cf_` are ours. SQLite asks about each thing that a statement touches, also what views, triggers and virtual tables
//! add to it. One thing it does not tell: the new name in `ALTER TABLE .. RENAME TO`; so such statements are noted, and checked by
//! their result (`sql/alter.rs`).

mod functions;
mod pragmas;

use std::cell::{Cell, RefCell};
use std::ffi::c_int;

use rusqlite::ffi;

/// On whose behalf SQLite works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Regime {
    /// Nobody's: everything is refused.
    Closed,
    /// Ours.
    Trusted,
    /// The worker's.
    User,
}

/// What is to know about a statement besides its text.
#[derive(Debug, Default, Clone)]
pub(crate) struct Facts {
    /// It may rename things.
    pub(crate) alters: bool,
    /// It writes through statements within it, so that SQLite takes it for one that reads.
    pub(crate) runs_statements: bool,
    /// It reads tables.
    pub(crate) reads: bool,
    /// Which table it writes rows of, if one.
    pub(crate) writes: Option<Written>,
}

/// Rows that a statement writes.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    pub(crate) table: String,
    /// By an `UPDATE`: which columns. Otherwise none.
    pub(crate) columns: Vec<String>,
    pub(crate) deletes: bool,
}

/// What answers SQLite.
pub(crate) struct Guard {
    regime: Cell<Regime>,
    refusal: Cell<Option<&'static str>>,
    facts: RefCell<Option<Facts>>,
}

const TRANSACTIONS: &str = "To execute a transaction, please use the state.storage.transaction() or \
     state.storage.transactionSync() APIs instead of the SQL BEGIN TRANSACTION or SAVEPOINT statements. The JavaScript API is safer \
     because it will automatically roll back on exceptions, and because it interacts correctly with Durable Objects' automatic \
     atomic write coalescing.";

/// Names that begin so, in any case, are ours.
const RESERVED: &[u8] = b"_cf_";

impl Guard {
    pub(crate) fn new() -> Self {
        Self { regime: Cell::new(Regime::Closed), refusal: Cell::new(None), facts: RefCell::new(None) }
    }

    pub(crate) fn enter(&self, regime: Regime) -> Regime {
        self.regime.replace(regime)
    }

    pub(crate) fn leave(&self, before: Regime) {
        self.regime.set(before);
    }

    /// What is asked from now on belongs to one statement.
    pub(crate) fn begin_facts(&self) {
        self.refusal.set(None);
        self.facts.replace(Some(Facts::default()));
    }

    pub(crate) fn take_facts(&self) -> Facts {
        self.facts.take().unwrap_or_default()
    }

    /// Better words than SQLite has for the last refusal.
    pub(crate) fn take_refusal(&self) -> Option<&'static str> {
        self.refusal.take()
    }

    /// Answers one question of SQLite's.
    pub(crate) fn allows(
        &self,
        action: c_int,
        first: Option<&[u8]>,
        second: Option<&[u8]>,
        database: Option<&[u8]>,
        trigger: Option<&[u8]>,
    ) -> bool {
        match self.regime.get() {
            Regime::Closed => return false,
            // Nobody may hang a trigger on what is ours.
            Regime::Trusted => return trigger.is_none(),
            Regime::User => {}
        }
        // These two name the database first.
        let (first, database) = match action {
            ffi::SQLITE_ALTER_TABLE | ffi::SQLITE_DETACH => (second, first),
            _ => (first, database),
        };
        let second = if action == ffi::SQLITE_ALTER_TABLE { None } else { second };
        match database {
            Some(b"main") | None => {}
            Some(b"temp") => {
                return matches!(action, ffi::SQLITE_READ | ffi::SQLITE_UPDATE) && is_allowed_name(first);
            }
            Some(_) => return false,
        }
        if trigger.is_none() {
            self.note(action, first, second);
        }
        match action {
            ffi::SQLITE_SELECT | ffi::SQLITE_RECURSIVE => true,
            // `PRAGMA optimize` and a bare `ANALYZE` touch all tables; what they keep of ours are sizes.
            ffi::SQLITE_ANALYZE => true,
            ffi::SQLITE_CREATE_TABLE
            | ffi::SQLITE_DELETE
            | ffi::SQLITE_DROP_TABLE
            | ffi::SQLITE_INSERT
            | ffi::SQLITE_CREATE_VIEW
            | ffi::SQLITE_DROP_VIEW
            | ffi::SQLITE_REINDEX
            | ffi::SQLITE_ALTER_TABLE
            | ffi::SQLITE_READ
            | ffi::SQLITE_UPDATE => is_allowed_name(first),
            ffi::SQLITE_CREATE_INDEX | ffi::SQLITE_DROP_INDEX | ffi::SQLITE_CREATE_TRIGGER | ffi::SQLITE_DROP_TRIGGER => {
                is_allowed_name(first) && is_allowed_name(second)
            }
            ffi::SQLITE_CREATE_VTABLE | ffi::SQLITE_DROP_VTABLE => is_allowed_module(second) && is_allowed_name(first),
            ffi::SQLITE_TRANSACTION | ffi::SQLITE_SAVEPOINT => {
                self.refusal.set(Some(TRANSACTIONS));
                false
            }
            ffi::SQLITE_PRAGMA => pragmas::allows(first, second),
            ffi::SQLITE_FUNCTION => second.is_some_and(functions::allows),
            // ATTACH, DETACH, temporary tables, indexes, triggers and views, and what a later SQLite may ask.
            _ => false,
        }
    }

    fn note(&self, action: c_int, first: Option<&[u8]>, second: Option<&[u8]>) {
        let mut facts = self.facts.borrow_mut();
        let Some(facts) = facts.as_mut() else { return };
        match action {
            ffi::SQLITE_ALTER_TABLE => facts.alters = true,
            ffi::SQLITE_PRAGMA => facts.runs_statements |= first == Some(b"optimize"),
            ffi::SQLITE_READ => facts.reads = true,
            ffi::SQLITE_INSERT | ffi::SQLITE_UPDATE | ffi::SQLITE_DELETE => {
                let table = String::from_utf8_lossy(first.unwrap_or_default());
                let written = facts.writes.get_or_insert_with(|| Written {
                    table: table.clone().into_owned(),
                    columns: Vec::new(),
                    deletes: action == ffi::SQLITE_DELETE,
                });
                if action == ffi::SQLITE_UPDATE && written.table == table {
                    written.columns.push(String::from_utf8_lossy(second.unwrap_or_default()).into_owned());
                }
            }
            _ => {}
        }
    }
}

fn is_allowed_name(name: Option<&[u8]>) -> bool {
    name.is_some_and(|name| !is_reserved(name))
}

/// The name is one of ours.
pub(crate) fn is_reserved(name: &[u8]) -> bool {
    name.get(..RESERVED.len()).is_some_and(|start| start.eq_ignore_ascii_case(RESERVED))
}

/// Virtual tables: full text search and spatial indexes.
fn is_allowed_module(module: Option<&[u8]>) -> bool {
    const MODULES: [&[u8]; 4] = [b"fts5", b"fts5vocab", b"rtree", b"rtree_i32"];
    module.is_some_and(|module| MODULES.iter().any(|allowed| module.eq_ignore_ascii_case(allowed)))
}
