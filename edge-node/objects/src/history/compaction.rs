//! When entries leave the log, and when a snapshot is due: a state machine without input and output.
//!
//! ```text
//!   resting ─ read ─> ( snapshot ─ list, of every restore in it ) ─> write ─ list ─ trim ─> resting ─ snapshot ─ list ─> resting
//! ```
//! Invariant: the log is trimmed up to where a listed part has it, and no further. A crash at any arrow loses nothing: the part is written
//! again, or the log is trimmed the next time.

use crate::object::Position;

/// Of parts behind the last snapshot, however small the database is.
const PARTS_BYTES_MIN: u64 = 4 << 20;

/// How things stand.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    pub floor: Position,
    pub head: Position,
    pub tail_bytes: u64,
    /// From here on the log is cut.
    pub tail_bytes_max: u64,
    pub tail_entries_max: u64,
    /// Of parts behind the last snapshot.
    pub parts_bytes: u64,
    pub database_bytes: u64,
}

impl Facts {
    fn is_tail_due(&self) -> bool {
        self.head > self.floor && (self.tail_bytes >= self.tail_bytes_max || self.head - self.floor >= self.tail_entries_max)
    }

    /// Parts as large as the database: a snapshot costs no more than the log before it did.
    fn is_snapshot_due(&self) -> bool {
        self.parts_bytes >= self.database_bytes.max(PARTS_BYTES_MIN)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Rest,
    /// Read the entries behind this position.
    Read {
        after: Position,
    },
    /// Make a part of what was read durable.
    Write,
    ListPart,
    Trim {
        upto: Position,
    },
    /// Make the database at this position durable.
    Snapshot {
        at: Position,
    },
    ListSnapshot,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Stage {
    Resting,
    /// The restores are to be snapshots before the part is written.
    Read {
        upto: Position,
        restores: Vec<Position>,
    },
    Written {
        upto: Position,
    },
    Listed {
        upto: Position,
    },
    /// And what comes then.
    Snapshot {
        then: Box<Stage>,
    },
    #[cfg(test)]
    TrimmedTooEarly {
        upto: Position,
        is_written: bool,
    },
}

#[derive(Debug)]
pub(crate) struct Compaction {
    stage: Stage,
    /// Whatever the facts are.
    is_forced: bool,
}

impl Compaction {
    pub(crate) fn new(is_forced: bool) -> Self {
        Self { stage: Stage::Resting, is_forced }
    }

    /// What to do next. `facts` count where it rests.
    pub(crate) fn step(&self, facts: &Facts) -> Step {
        match &self.stage {
            Stage::Resting if facts.is_tail_due() || (self.is_forced && facts.head > facts.floor) => {
                Step::Read { after: facts.floor }
            }
            Stage::Resting if facts.is_snapshot_due() => Step::Snapshot { at: facts.floor },
            Stage::Resting => Step::Rest,
            #[cfg(test)]
            Stage::Read { upto, .. } if crate::sim::is_broken_by(crate::sim::Mutant::TrimBeforeSnapshot) => {
                Step::Trim { upto: *upto }
            }
            #[cfg(test)]
            Stage::TrimmedTooEarly { is_written, .. } => {
                if *is_written {
                    Step::ListPart
                } else {
                    Step::Write
                }
            }
            Stage::Read { restores, .. } => restores.first().map_or(Step::Write, |at| Step::Snapshot { at: *at }),
            Stage::Written { .. } => Step::ListPart,
            Stage::Listed { upto } => Step::Trim { upto: *upto },
            Stage::Snapshot { .. } => Step::ListSnapshot,
        }
    }

    /// Entries up to this position were read. `restores` are those among them that are not snapshots yet.
    pub(crate) fn read(&mut self, upto: Position, restores: Vec<Position>) {
        self.stage = Stage::Read { upto, restores };
    }

    /// The step is durable.
    pub(crate) fn done(&mut self, step: Step) {
        let stage = std::mem::replace(&mut self.stage, Stage::Resting);
        self.stage = match (step, stage) {
            #[cfg(test)]
            (Step::Trim { .. }, Stage::Read { upto, .. }) => Stage::TrimmedTooEarly { upto, is_written: false },
            #[cfg(test)]
            (Step::Write, Stage::TrimmedTooEarly { upto, .. }) => Stage::TrimmedTooEarly { upto, is_written: true },
            (Step::Write, Stage::Read { upto, .. }) => Stage::Written { upto },
            (Step::ListPart, Stage::Written { upto }) => Stage::Listed { upto },
            (Step::Snapshot { .. }, Stage::Read { upto, mut restores }) => {
                restores.remove(0);
                Stage::Snapshot { then: Box::new(Stage::Read { upto, restores }) }
            }
            (Step::Snapshot { .. }, Stage::Resting) => Stage::Snapshot { then: Box::new(Stage::Resting) },
            (Step::ListSnapshot, Stage::Snapshot { then }) => *then,
            (Step::Trim { .. }, _) => {
                self.is_forced = false;
                Stage::Resting
            }
            (_, _) => Stage::Resting,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACTS: Facts = Facts {
        floor: 10,
        head: 20,
        tail_bytes: 99,
        tail_bytes_max: 100,
        tail_entries_max: 50,
        parts_bytes: 0,
        database_bytes: 8192,
    };

    /// Does everything until it rests; facts change as they would.
    fn steps(mut facts: Facts, restores: Vec<Position>, is_forced: bool) -> Vec<Step> {
        let (mut compaction, mut steps) = (Compaction::new(is_forced), Vec::new());
        loop {
            let step = compaction.step(&facts);
            steps.push(step);
            match step {
                Step::Rest => return steps,
                Step::Read { .. } => compaction.read(facts.head, restores.clone()),
                step => compaction.done(step),
            }
            match step {
                Step::Trim { upto } => (facts.floor, facts.tail_bytes, facts.parts_bytes) = (upto, 0, facts.parts_bytes + 100),
                Step::ListSnapshot => facts.parts_bytes = 0,
                _ => {}
            }
        }
    }

    #[test]
    fn the_log_is_trimmed_behind_what_has_its_entries() {
        assert_eq!(steps(FACTS, vec![], false), [Step::Rest], "it is short");
        let due = [Step::Read { after: 10 }, Step::Write, Step::ListPart, Step::Trim { upto: 20 }, Step::Rest];
        assert_eq!(steps(Facts { tail_bytes: 100, ..FACTS }, vec![], false), due);
        assert_eq!(steps(Facts { tail_entries_max: 10, ..FACTS }, vec![], false), due);
        assert_eq!(steps(FACTS, vec![], true), due);
        assert_eq!(steps(Facts { floor: 20, ..FACTS }, vec![], true), [Step::Rest], "there is nothing");
    }

    #[test]
    fn snapshots_are_due_by_what_recovery_would_read() {
        let due = [Step::Snapshot { at: 10 }, Step::ListSnapshot, Step::Rest];
        assert_eq!(steps(Facts { parts_bytes: PARTS_BYTES_MIN, ..FACTS }, vec![], false), due);
        let large = Facts { database_bytes: 1 << 30, ..FACTS };
        assert_eq!(steps(Facts { parts_bytes: (1 << 30) - 1, ..large }, vec![], false), [Step::Rest]);
        assert_eq!(steps(Facts { parts_bytes: 1 << 30, ..large }, vec![], false), due);
    }

    #[test]
    fn a_restore_is_a_snapshot_before_it_leaves_the_log() {
        let expected = [
            Step::Read { after: 10 },
            Step::Snapshot { at: 15 },
            Step::ListSnapshot,
            Step::Snapshot { at: 17 },
            Step::ListSnapshot,
            Step::Write,
            Step::ListPart,
            Step::Trim { upto: 20 },
            Step::Rest,
        ];
        assert_eq!(steps(FACTS, vec![15, 17], true), expected);
    }
}
