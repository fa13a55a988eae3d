//! What an owner knows of its object: a state machine without input and output.

use std::collections::VecDeque;

use super::Broken;
use crate::object::Position;

/// What became of an append, as the owner is told.
#[derive(Debug, Clone)]
pub(crate) enum Settled {
    Durable,
    Broken(Broken),
}

/// Whether something that depends on a position may leave the object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Gate {
    Open,
    Closed,
    Broken(Broken),
}

/// How far writes are durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Progress {
    pub acknowledged: Position,
    pub broken: Option<Broken>,
}

impl Progress {
    pub(crate) fn gate(&self, position: Position) -> Gate {
        #[cfg(test)]
        if crate::sim::is_broken_by(crate::sim::Mutant::GateOff) {
            return Gate::Open;
        }
        match &self.broken {
            _ if position <= self.acknowledged => Gate::Open,
            Some(broken) => Gate::Broken(broken.clone()),
            None => Gate::Closed,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Ownership {
    /// The last position that was given.
    given: Position,
    pub progress: Progress,
    /// Bytes of those that are given and not acknowledged, in their order.
    waiting: VecDeque<usize>,
    waiting_bytes: usize,
    waiting_bytes_max: usize,
}

impl Ownership {
    /// `head` is the fence of this owner.
    pub(crate) fn new(head: Position, waiting_bytes_max: usize) -> Self {
        let progress = Progress { acknowledged: head, broken: None };
        Self { given: head, progress, waiting: VecDeque::new(), waiting_bytes: 0, waiting_bytes_max }
    }

    pub(crate) fn given(&self) -> Position {
        self.given
    }

    pub(crate) fn waiting_bytes(&self) -> usize {
        self.waiting_bytes
    }

    /// Whether so many bytes more may wait. What is alone may be of any size.
    pub(crate) fn has_room(&self, bytes: usize) -> bool {
        self.waiting.is_empty() || self.waiting_bytes + bytes <= self.waiting_bytes_max
    }

    /// Gives the next position to an append.
    pub(crate) fn append(&mut self, bytes: usize) -> Result<Position, Broken> {
        if let Some(broken) = &self.progress.broken {
            return Err(broken.clone());
        }
        self.given += 1;
        self.waiting.push_back(bytes);
        self.waiting_bytes += bytes;
        #[cfg(test)]
        if crate::sim::is_broken_by(crate::sim::Mutant::AcknowledgeBeforeDurable) {
            self.progress.acknowledged = self.given;
        }
        Ok(self.given)
    }

    /// Takes word of an append, which may come again, and late.
    pub(crate) fn settle(&mut self, position: Position, settled: Settled) {
        if self.progress.broken.is_some() || position <= self.progress.acknowledged {
            return;
        }
        match settled {
            Settled::Durable if position == self.progress.acknowledged + 1 => {
                self.progress.acknowledged = position;
                self.waiting_bytes -= self.waiting.pop_front().unwrap_or(0);
            }
            // Those before it are told of first.
            Settled::Durable => {}
            Settled::Broken(broken) => self.break_with(broken),
        }
    }

    /// From now on nothing is taken, and no gate opens that is closed.
    pub(crate) fn break_with(&mut self, broken: Broken) {
        self.progress.broken.get_or_insert(broken);
        self.waiting.clear();
        self.waiting_bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_open_in_order_as_positions_are_durable() -> Result<(), Broken> {
        let mut owner = Ownership::new(10, 100);
        assert_eq!((owner.append(60)?, owner.append(40)?), (11, 12));
        assert!(!owner.has_room(1));
        assert_eq!([10, 11, 12].map(|position| owner.progress.gate(position)), [Gate::Open, Gate::Closed, Gate::Closed]);
        owner.settle(12, Settled::Durable);
        assert_eq!(owner.progress.gate(12), Gate::Closed, "11 may still be lost");
        owner.settle(11, Settled::Durable);
        owner.settle(11, Settled::Durable);
        assert_eq!([11, 12].map(|position| owner.progress.gate(position)), [Gate::Open, Gate::Closed]);
        assert!(owner.has_room(60) && !owner.has_room(61));
        Ok(())
    }

    #[test]
    fn who_is_deposed_opens_nothing_and_takes_nothing() -> Result<(), Broken> {
        let mut owner = Ownership::new(10, 100);
        owner.append(60)?;
        owner.append(40)?;
        owner.settle(11, Settled::Durable);
        owner.settle(11, Settled::Broken(Broken::Deposed));
        assert_eq!(owner.progress.broken, None, "it is late word of what is durable: the log was trimmed since");
        owner.settle(12, Settled::Broken(Broken::Deposed));
        owner.settle(12, Settled::Durable);
        assert_eq!([11, 12].map(|position| owner.progress.gate(position)), [Gate::Open, Gate::Broken(Broken::Deposed)]);
        assert_eq!(owner.append(1), Err(Broken::Deposed));
        Ok(())
    }

    #[test]
    fn what_is_alone_may_be_of_any_size() -> Result<(), Broken> {
        let mut owner = Ownership::new(1, 100);
        assert!(owner.has_room(1000));
        owner.append(1000)?;
        assert!(!owner.has_room(1));
        Ok(())
    }
}
