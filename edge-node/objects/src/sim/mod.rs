//! The decision logic in a world that loses, repeats and delays what is sent, and crashes at every step; all of it by a seed.
//!
//! `world.rs` is two nodes and a store, `node.rs` what a node does with the product's state machines, `../checker.rs` reads what happened and
//! says what must not have. Builds that are broken on purpose turn the checker red.

mod node;
mod runs;
mod world;

use std::cell::Cell;

/// A build that is broken on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mutant {
    /// The log looks at positions alone.
    NoEpochInGuard,
    AcknowledgeBeforeDurable,
    /// What depends on a write leaves at once.
    GateOff,
    TrimBeforeSnapshot,
}

thread_local! {
    static MUTANT: Cell<Option<Mutant>> = const { Cell::new(None) };
}

/// Whether this thread runs such a build.
pub(crate) fn is_broken_by(mutant: Mutant) -> bool {
    MUTANT.get() == Some(mutant)
}

/// Runs `work` in such a build.
pub(crate) fn with<T>(mutant: Option<Mutant>, work: impl FnOnce() -> T) -> T {
    let before = MUTANT.replace(mutant);
    let done = work();
    MUTANT.set(before);
    done
}
