//! Runs `attacks/`, one after another: each measures how long a neighbour waits.

use std::time::Instant;

use libtest_mimic::{Arguments, Failed, Trial};
use skerry_tests::{attack, repository};

/// Fewer attacks than this means that they were not found.
const ATTACKS_MIN: usize = 90;

fn main() {
    let mut args = Arguments::from_args();
    args.test_threads = Some(1);
    let attacks =
        attack::all(&repository().join("tests/attacks")).unwrap_or_else(|error| panic!("the attacks cannot be read: {error:#}"));
    let count = attacks.len();
    let shows_figures = args.nocapture;
    let mut trials: Vec<Trial> = attacks.into_iter().map(|attack| trial_of(attack, shows_figures)).collect();
    trials.push(Trial::test("there are enough attacks", move || {
        if count < ATTACKS_MIN { Err(Failed::from(format!("only {count} of {ATTACKS_MIN}"))) } else { Ok(()) }
    }));
    libtest_mimic::run(&args, trials).exit();
}

/// A gap stands before the name, so that a green line does not hide it.
fn trial_of(located: attack::Located, shows_figures: bool) -> Trial {
    let attack = &located.attack;
    let kind = match (&attack.awaits, &attack.known_gap) {
        (Some(awaits), _) => format!("awaits {awaits}"),
        (None, Some(_)) => "known gap".to_owned(),
        (None, None) => String::new(),
    };
    let awaits = attack.awaits.is_some();
    let trial = Trial::test(located.name.clone(), move || {
        let began = Instant::now();
        let figures = attack::run(&located).map_err(|error| Failed::from(format!("{error:#}")))?;
        if shows_figures {
            println!("{} in {:.1?}: {figures}", located.name, began.elapsed());
        }
        Ok(())
    });
    trial.with_kind(kind).with_ignored_flag(awaits)
}
