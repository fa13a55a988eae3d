//! What goes wrong, by a seed.

/// The same numbers for the same seed.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x2545_f491_4f6c_dd1d)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, count: usize) -> usize {
        (self.next() % count.max(1) as u64) as usize
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// It is not made.
    Fails,
    Full,
    /// It is made, and nobody hears of it.
    ReplyLost,
}

/// Percentages.
pub(crate) struct Faults {
    pub random: Random,
    pub fails: usize,
    pub full: usize,
    pub reply_lost: usize,
}

impl Faults {
    pub(crate) fn none() -> Self {
        Self { random: Random::new(0), fails: 0, full: 0, reply_lost: 0 }
    }

    pub(crate) fn next(&mut self) -> Fault {
        let roll = self.random.below(100);
        match roll {
            roll if roll < self.fails => Fault::Fails,
            roll if roll < self.fails + self.full => Fault::Full,
            roll if roll < self.fails + self.full + self.reply_lost => Fault::ReplyLost,
            _ => Fault::None,
        }
    }
}
