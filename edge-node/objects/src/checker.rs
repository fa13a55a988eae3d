//! Reads a history and finds what must not have happened: for the simulator here, and for tests that kill whole nodes.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// What a write puts into an object: no two are the same.
pub type Token = u64;

/// One line of a history. Objects are numbered; each time that somebody begins to own one is an epoch of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// A node owns an object from now on, and found this in it.
    Owned {
        object: u8,
        epoch: u64,
        node: usize,
        found: Vec<Token>,
    },
    Wrote {
        object: u8,
        epoch: u64,
        token: Token,
    },
    /// The writer was told that it is durable.
    Confirmed {
        object: u8,
        token: Token,
    },
    /// Somebody outside has seen the object with this in it.
    Seen {
        object: u8,
        tokens: Vec<Token>,
    },
    /// What is there at the end.
    Left {
        object: u8,
        tokens: Vec<Token>,
    },
    /// The object cannot be recovered.
    Lost {
        object: u8,
        why: String,
    },
}

/// What is confirmed or was seen stays, in its order and once; what one owner has written is there without a hole; an epoch has one owner.
///
/// # Errors
/// If not: with the first thing that must not be.
pub fn check(history: &[Happening]) -> Result<(), String> {
    let mut owners: HashMap<(u8, u64), usize> = HashMap::new();
    let mut written: BTreeMap<(u8, u64), Vec<Token>> = BTreeMap::new();
    // What was confirmed or seen: it must be there.
    let mut certain: HashMap<u8, BTreeSet<Token>> = HashMap::new();
    let mut last_epoch: HashMap<u8, u64> = HashMap::new();
    for happening in history {
        match happening {
            Happening::Owned { object, epoch, node, found } => {
                if let Some(other) = owners.insert((*object, *epoch), *node) {
                    return Err(format!("epoch {epoch} of object {object} has two incarnations, on nodes {other} and {node}"));
                }
                let newest = last_epoch.entry(*object).or_default();
                *newest = (*newest).max(*epoch);
                contains(found, certain.get(object), &format!("whoever took over object {object} in epoch {epoch}"))?;
            }
            Happening::Wrote { object, epoch, token } => written.entry((*object, *epoch)).or_default().push(*token),
            Happening::Confirmed { object, token } => certain.entry(*object).or_default().extend([token]),
            Happening::Seen { object, tokens } => certain.entry(*object).or_default().extend(tokens),
            Happening::Left { object, tokens } => {
                contains(tokens, certain.get(object), &format!("the end of object {object}"))?;
                let distinct: HashSet<_> = tokens.iter().collect();
                if distinct.len() != tokens.len() {
                    return Err(format!("object {object} has a token twice: {tokens:?}"));
                }
                whole(*object, tokens, &written)?;
            }
            Happening::Lost { object, why } => return Err(format!("object {object} is lost: {why}")),
        }
    }
    Ok(())
}

/// All that is certain has to be in `tokens`.
fn contains(tokens: &[Token], certain: Option<&BTreeSet<Token>>, who: &str) -> Result<(), String> {
    let there: HashSet<_> = tokens.iter().collect();
    match certain.into_iter().flatten().find(|token| !there.contains(token)) {
        Some(token) => Err(format!("{who} has not got {token}, which was confirmed or seen before: {tokens:?}")),
        None => Ok(()),
    }
}

/// What an owner has written is there from its first on, without a hole and in its order, and owners stand behind one another.
fn whole(object: u8, tokens: &[Token], written: &BTreeMap<(u8, u64), Vec<Token>>) -> Result<(), String> {
    let mut rest = tokens;
    for ((_, epoch), wrote) in written.range((object, 0)..=(object, u64::MAX)) {
        let same = wrote.iter().zip(rest).take_while(|(wrote, there)| wrote == there).count();
        rest = &rest[same..];
        let wrote: HashSet<_> = wrote.iter().collect();
        if let Some(stray) = rest.iter().find(|token| wrote.contains(token)) {
            return Err(format!(
                "in object {object}, {stray} of epoch {epoch} stands behind a hole or an owner later: {tokens:?}"
            ));
        }
    }
    if rest.is_empty() { Ok(()) } else { Err(format!("nobody has written {rest:?} into object {object}")) }
}

#[cfg(test)]
mod tests {
    use super::Happening::{Confirmed, Left, Owned, Seen, Wrote};
    use super::*;

    fn wrote(epoch: u64, tokens: &[Token]) -> Vec<Happening> {
        tokens.iter().map(|token| Wrote { object: 1, epoch, token: *token }).collect()
    }

    fn owned(epoch: u64, found: &[Token]) -> Vec<Happening> {
        vec![Owned { object: 1, epoch, node: 0, found: found.to_vec() }]
    }

    fn left(tokens: &[Token]) -> Vec<Happening> {
        vec![Left { object: 1, tokens: tokens.to_vec() }]
    }

    #[test]
    fn the_checker_tells_good_histories_from_bad_ones() {
        let confirmed = |token| vec![Confirmed { object: 1, token }];
        let seen = |token| vec![Seen { object: 1, tokens: vec![token] }];
        let good = [
            vec![owned(1, &[]), wrote(1, &[10, 11]), confirmed(10), owned(2, &[10]), wrote(2, &[20]), left(&[10, 20])],
            vec![owned(1, &[]), wrote(1, &[10, 11]), owned(2, &[10, 11]), left(&[10, 11])],
        ];
        let bad = [
            (vec![owned(1, &[]), owned(1, &[])], "two incarnations"),
            (vec![owned(1, &[]), wrote(1, &[10]), confirmed(10), left(&[])], "has not got 10"),
            (vec![owned(1, &[]), wrote(1, &[10]), confirmed(10), owned(2, &[]), left(&[10])], "took over"),
            (vec![owned(1, &[]), wrote(1, &[10]), seen(10), left(&[])], "has not got 10"),
            (vec![owned(1, &[]), wrote(1, &[10]), left(&[10, 10])], "twice"),
            (vec![owned(1, &[]), wrote(1, &[10, 11]), left(&[11])], "behind a hole"),
            (vec![owned(1, &[]), wrote(1, &[10, 11]), left(&[11, 10])], "behind a hole"),
            (vec![wrote(1, &[10, 11]), wrote(2, &[20]), left(&[10, 20, 11])], "an owner later"),
            (vec![left(&[5])], "nobody has written"),
        ];
        for history in good {
            assert_eq!(check(&history.concat()), Ok(()));
        }
        for (history, expected) in bad {
            let found = check(&history.concat()).err().unwrap_or_default();
            assert!(found.contains(expected), "{found:?} for {history:?}");
        }
    }
}
