//! Runs `attacks/`, one after another: each measures how long a neighbour waits.

use std::process::exit;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use libtest_mimic::{Arguments, Failed, Trial};
use skerry_tests::{attack, repository};

/// Fewer attacks than this means that they were not found.
const ATTACKS_MIN: usize = 300;

/// Beside one attack in so many the neighbour may have waited for longer than is promised: machines do other things, too. It was one in 68
/// and one in 26 on the same two cores of a machine that is shared.
const LATE_ONE_IN: usize = 4;

/// How many attacks were withstood, and beside how many of them the neighbour waited for longer than is promised.
#[derive(Default)]
struct Tally {
    withstood: AtomicUsize,
    late: AtomicUsize,
}

fn main() {
    let mut args = Arguments::from_args();
    args.test_threads = Some(1);
    let attacks =
        attack::all(&repository().join("tests/attacks")).unwrap_or_else(|error| panic!("the attacks cannot be read: {error:#}"));
    let count = attacks.len();
    let shows_figures = args.nocapture;
    let tally = Arc::<Tally>::default();
    let mut trials: Vec<Trial> = attacks.into_iter().map(|attack| trial_of(attack, shows_figures, tally.clone())).collect();
    trials.push(Trial::test("there are enough attacks", move || {
        if count < ATTACKS_MIN { Err(Failed::from(format!("only {count} of {ATTACKS_MIN}"))) } else { Ok(()) }
    }));
    let conclusion = libtest_mimic::run(&args, trials);
    let (withstood, late) = (tally.withstood.load(Ordering::Relaxed), tally.late.load(Ordering::Relaxed));
    if withstood > 0 {
        println!("Beside {} of {withstood} attacks the neighbour's p99 stayed within 3x + 5 ms\n", withstood - late);
    }
    conclusion.exit_if_failed();
    if late > withstood.div_ceil(LATE_ONE_IN) {
        eprintln!("{late} are too many: one in {LATE_ONE_IN} may be the machine's doing (--nocapture shows each)");
        exit(1);
    }
}

/// A gap stands before the name, so that a green line does not hide it.
fn trial_of(located: attack::Located, shows_figures: bool, tally: Arc<Tally>) -> Trial {
    let attack = &located.attack;
    let kind = match (attack.awaits(located.mode), &attack.known_gap) {
        (Some(awaits), _) => format!("awaits {awaits}"),
        (None, Some(gap)) if !gap.is_empty() => "known gap".to_owned(),
        (None, _) => String::new(),
    };
    let awaits = attack.awaits(located.mode).is_some();
    let trial = Trial::test(located.name.clone(), move || {
        let began = Instant::now();
        let figures = attack::run(&located).map_err(|error| Failed::from(format!("{error:#}")))?;
        tally.withstood.fetch_add(1, Ordering::Relaxed);
        tally.late.fetch_add(usize::from(!figures.is_as_promised()), Ordering::Relaxed);
        if shows_figures {
            println!("{} in {:.1?}: {figures}", located.name, began.elapsed());
        }
        Ok(())
    });
    trial.with_kind(kind).with_ignored_flag(awaits)
}
