//! Makes inputs of others: a few changes of bytes, pieces that are moved, repeated or taken from other seeds.

const INPUT_BYTES_MAX: usize = 64 << 10;
const CHANGES_MAX: usize = 6;
/// Bytes that decoders look for, and those at the ends of their ranges.
const TELLING: &[u8] = b"\0\x01\x7f\x80\xff\r\n\t \"\\/.*{}[]:,;=-_%+0129aZ#";

pub struct Mutator<'s> {
    state: u64,
    seeds: &'s [Vec<u8>],
}

impl<'s> Mutator<'s> {
    pub fn new(seed: u64, seeds: &'s [Vec<u8>]) -> Self {
        Self { state: seed, seeds }
    }

    pub fn next_input(&mut self) -> Vec<u8> {
        let mut bytes = self.seed().to_vec();
        for _ in 0..=self.below(CHANGES_MAX) {
            self.change(&mut bytes);
            bytes.truncate(INPUT_BYTES_MAX);
        }
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len() + 1);
        let end = at + self.below((bytes.len() - at).min(64) + 1);
        match self.below(9) {
            0 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << self.below(8)),
            1 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = self.telling()),
            2 => bytes.insert(at, self.telling()),
            3 => drop(bytes.drain(at..end)),
            4 => bytes.truncate(at),
            5 => {
                let piece = bytes[at..end].to_vec();
                let to = self.below(bytes.len() + 1);
                drop(bytes.splice(to..to, piece));
            }
            6 => {
                // Deep, long, or many.
                let piece = bytes[at..end.min(at + 8)].repeat(1 + self.below(600));
                drop(bytes.splice(at..at, piece));
            }
            7 => {
                let other = self.seed();
                let from = self.below(other.len() + 1);
                let piece = other[from..from + self.below((other.len() - from).min(64) + 1)].to_vec();
                drop(bytes.splice(at..end, piece));
            }
            _ => bytes.splice(at..at, self.number().bytes()).for_each(drop),
        }
    }

    fn number(&mut self) -> String {
        let numbers =
            ["0", "-1", "1e400", "0.1", "33.333333333333336", "18446744073709551616", "9007199254740993", "é", "\u{202e}"];
        numbers[self.below(numbers.len())].to_owned()
    }

    fn telling(&mut self) -> u8 {
        TELLING[self.below(TELLING.len())]
    }

    fn seed(&mut self) -> &'s [u8] {
        let seeds = self.seeds;
        &seeds[self.below(seeds.len())]
    }

    /// SplitMix64.
    fn below(&mut self, end: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % end.max(1) as u64) as usize
    }
}
