//! Which appends go into the next commit: a state machine without input and output.
//!
//! Objects take turns, one append each: one that writes much does not hold up its neighbours. One group is under way at a time; while the
//! disk works, the next one gathers.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use crate::log::Append;
use crate::object::{Epoch, ObjectId};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Of a group; one that is alone may be larger.
    pub group_bytes_max: usize,
    pub group_appends_max: usize,
    /// Of everything that waits or is under way.
    pub waiting_bytes_max: usize,
}

pub(crate) struct Batcher {
    bounds: Bounds,
    /// None is empty.
    queues: HashMap<ObjectId, VecDeque<Append>>,
    /// Those with a queue, each once.
    turns: VecDeque<ObjectId>,
    bytes: usize,
    under_way_bytes: Option<usize>,
}

impl Batcher {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self { bounds, queues: HashMap::new(), turns: VecDeque::new(), bytes: 0, under_way_bytes: None }
    }

    /// The last quarter is for objects of which nothing waits: those that write much cannot keep others out.
    pub(crate) fn has_room(&self, object: ObjectId, bytes: usize) -> bool {
        let all = self.bounds.waiting_bytes_max;
        let bytes_max = if self.queues.contains_key(&object) { all / 4 * 3 } else { all };
        self.bytes == 0 || self.bytes + bytes <= bytes_max
    }

    /// False, and of no effect, where too much waits already.
    pub(crate) fn offer(&mut self, append: Append) -> bool {
        let bytes = append.record.len();
        if !self.has_room(append.object, bytes) {
            return false;
        }
        self.bytes += bytes;
        let queue = self.queues.entry(append.object).or_default();
        if queue.is_empty() {
            self.turns.push_back(append.object);
        }
        queue.push_back(append);
        true
    }

    /// None while one is under way, or nothing waits.
    pub(crate) fn next_group(&mut self) -> Option<Arc<[Append]>> {
        if self.under_way_bytes.is_some() {
            return None;
        }
        let (mut group, mut bytes) = (Vec::new(), 0);
        while let Some(object) = self.turns.front().copied() {
            let first = self.queues.get(&object).and_then(VecDeque::front).map_or(0, |append| append.record.len());
            let is_full = group.len() >= self.bounds.group_appends_max || bytes + first > self.bounds.group_bytes_max;
            if is_full && !group.is_empty() {
                break;
            }
            self.turns.pop_front();
            let Some(queue) = self.queues.get_mut(&object) else { continue };
            group.extend(queue.pop_front());
            bytes += first;
            if queue.is_empty() {
                self.queues.remove(&object);
            } else {
                self.turns.push_back(object);
            }
        }
        if group.is_empty() {
            return None;
        }
        self.under_way_bytes = Some(bytes);
        Some(group.into())
    }

    /// Everybody has been told what became of the group.
    pub(crate) fn settled(&mut self) {
        self.bytes -= self.under_way_bytes.take().unwrap_or(0);
    }

    /// Throws away what an owner that is none any more has left.
    pub(crate) fn forget(&mut self, object: ObjectId, epoch: Epoch) {
        let Some(queue) = self.queues.get_mut(&object) else { return };
        let before: usize = queue.iter().map(|append| append.record.len()).sum();
        queue.retain(|append| append.epoch != epoch);
        let after: usize = queue.iter().map(|append| append.record.len()).sum();
        self.bytes -= before - after;
        if queue.is_empty() {
            self.queues.remove(&object);
            self.turns.retain(|other| *other != object);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { group_bytes_max: 100, group_appends_max: 5, waiting_bytes_max: 300 };

    fn append(object: u8, position: u64, bytes: usize) -> Append {
        let record = vec![0; bytes].into();
        let object = ObjectId([object; 32]);
        Append { object, epoch: object.0[0].into(), position, nonce: 0, time_ms: 0, record, alarm_ms: None, storage_bytes: 0 }
    }

    fn next(batcher: &mut Batcher) -> Vec<(u8, u64)> {
        let group = batcher.next_group();
        group.iter().flat_map(|group| group.iter()).map(|append| (append.object.0[0], append.position)).collect()
    }

    #[test]
    fn objects_take_turns_and_keep_their_order() {
        let mut batcher = Batcher::new(BOUNDS);
        for position in 1..=8 {
            assert!(batcher.offer(append(1, position, 10)));
        }
        assert!(batcher.offer(append(2, 1, 10)) && batcher.offer(append(3, 1, 10)) && batcher.offer(append(2, 2, 10)));
        assert_eq!(next(&mut batcher), [(1, 1), (2, 1), (3, 1), (1, 2), (2, 2)]);
        assert_eq!(next(&mut batcher), [], "one is under way");
        batcher.settled();
        assert_eq!(next(&mut batcher), [(1, 3), (1, 4), (1, 5), (1, 6), (1, 7)]);
        batcher.settled();
        assert_eq!(next(&mut batcher), [(1, 8)]);
        batcher.settled();
        assert_eq!((next(&mut batcher), batcher.bytes), (vec![], 0));
    }

    #[test]
    fn groups_and_what_waits_are_bounded_by_bytes() {
        let mut batcher = Batcher::new(BOUNDS);
        assert!(batcher.offer(append(1, 1, 150)), "one that is alone may be larger than a group");
        assert!(batcher.offer(append(2, 1, 60)) && batcher.offer(append(3, 1, 60)));
        assert!(!batcher.offer(append(4, 1, 60)), "330 bytes");
        assert_eq!(next(&mut batcher), [(1, 1)]);
        assert!(!batcher.offer(append(4, 1, 60)), "what is under way counts");
        batcher.settled();
        assert!(batcher.offer(append(4, 1, 60)));
        assert_eq!(next(&mut batcher), [(2, 1)]);
    }

    #[test]
    fn those_who_write_much_leave_room_for_others() {
        let mut batcher = Batcher::new(BOUNDS);
        let taken = (1..=30).filter(|position| batcher.offer(append(1, *position, 10))).count();
        assert_eq!(taken, 22);
        assert!((2..=9).all(|object| batcher.offer(append(object, 1, 10))), "75 bytes are theirs");
        assert!(!batcher.offer(append(2, 2, 10)) && !batcher.offer(append(10, 1, 10)));
    }

    #[test]
    fn what_a_deposed_owner_has_left_is_not_written() {
        let mut batcher = Batcher::new(BOUNDS);
        batcher.offer(append(1, 1, 10));
        batcher.offer(append(1, 2, 10));
        batcher.offer(Append { epoch: 9, ..append(1, 1, 10) });
        batcher.offer(append(2, 1, 10));
        batcher.forget(ObjectId([1; 32]), 1);
        assert_eq!((next(&mut batcher), batcher.bytes), (vec![(1, 1), (2, 1)], 20));
        batcher.settled();
        batcher.forget(ObjectId([1; 32]), 9);
        assert_eq!((next(&mut batcher), batcher.bytes), (vec![], 0));
    }
}
