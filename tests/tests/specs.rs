//! Runs `specs/`: every case as it is, with isolates in threads and in cells, and sabotaged.

use libtest_mimic::{Arguments, Failed, Trial};
use skerry_tests::{repository, spec};

/// Fewer cases than this means that they were not found.
const CASES_MIN: usize = 150;

fn main() {
    let args = Arguments::from_args();
    let cases =
        spec::all(&repository().join("tests/specs")).unwrap_or_else(|error| panic!("the specs cannot be read: {error:#}"));
    let count = cases.len();
    let mut trials: Vec<Trial> = cases.into_iter().flat_map(trials_of).collect();
    trials.push(Trial::test("there are enough specs", move || {
        if count < CASES_MIN { Err(Failed::from(format!("only {count} of {CASES_MIN}"))) } else { Ok(()) }
    }));
    libtest_mimic::run(&args, trials).exit();
}

fn trials_of(located: spec::Located) -> Vec<Trial> {
    let as_failure = |error: anyhow::Error| Failed::from(format!("{error:#}"));
    let awaits = located.case.awaits.is_some();
    let mut trials = Vec::new();
    if let (Some(sabotage), false) = (located.case.sabotage.clone(), awaits) {
        let located = located.clone();
        let name = format!("{} (sabotaged: must fail)", located.name);
        trials.push(Trial::test(name, move || spec::run_sabotaged(&located, &sabotage).map_err(as_failure)));
    }
    for (suffix, arguments) in [("", &[][..]), (" (cells)", &["--cells"])] {
        let (name, located) = (format!("{}{suffix}", located.name), located.clone());
        let trial = Trial::test(name, move || spec::run(&located, arguments).map_err(as_failure));
        trials.push(trial.with_ignored_flag(awaits));
    }
    trials
}
