use super::world::Simulation;
use super::{Mutant, with};
use crate::checker::{Happening, check};

/// One of them again: `SKERRY_SEED=17 cargo test -p skerry-objects sim`.
const SEED: &str = "SKERRY_SEED";
const SEEDS: u64 = 400;
const STEPS: usize = 600;

fn seeds() -> Vec<u64> {
    let one = std::env::var(SEED).ok().and_then(|text| text.parse().ok());
    one.map_or((0..SEEDS).collect(), |seed| vec![seed])
}

#[test]
fn nothing_confirmed_is_lost_and_nothing_unconfirmed_is_seen() {
    let (mut confirmed, mut seen, mut owned) = (0, 0, 0);
    for seed in seeds() {
        let history = Simulation::new(seed).run(STEPS);
        if let Err(error) = check(&history) {
            panic!("with {SEED}={seed}: {error}");
        }
        for happening in history {
            match happening {
                Happening::Confirmed { .. } => confirmed += 1,
                Happening::Seen { .. } => seen += 1,
                Happening::Owned { .. } => owned += 1,
                _ => {}
            }
        }
    }
    assert!(std::env::var(SEED).is_ok() || (confirmed > 6_000 && seen > 2_000 && owned > 4_000), "{confirmed} {seen} {owned}");
}

#[test]
fn a_seed_gives_the_same_history() {
    for seed in 0..5 {
        assert_eq!(Simulation::new(seed).run(STEPS), Simulation::new(seed).run(STEPS));
    }
}

/// How many seeds find it.
fn found(mutant: Mutant) -> (usize, String) {
    with(Some(mutant), || {
        let errors = (0..SEEDS).filter_map(|seed| check(&Simulation::new(seed).run(STEPS)).err());
        let errors: Vec<_> = errors.collect();
        (errors.len(), errors.into_iter().next().unwrap_or_default())
    })
}

#[test]
fn builds_that_are_broken_on_purpose_are_found() {
    for mutant in [Mutant::NoEpochInGuard, Mutant::AcknowledgeBeforeDurable, Mutant::GateOff, Mutant::TrimBeforeSnapshot] {
        let (count, error) = found(mutant);
        println!("{mutant:?}: {count} of {SEEDS} seeds, the first: {error}");
        assert!(count > 0, "{mutant:?} is not found");
    }
}
