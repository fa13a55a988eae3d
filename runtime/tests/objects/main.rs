//! Durable Objects in an isolate, against a node that only keeps their commits.

mod isolate;
mod life;
mod storage;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use skerry_runtime::HashSeed;

use isolate::{Isolate, Outcome};

type Case = fn(&mut Isolate) -> Outcome;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    // V8 wants to be set up by the thread that all others descend from.
    if let Err(error) = skerry_runtime::initialize(128 << 20, HashSeed::OfBuild) {
        eprintln!("V8 cannot be set up: {error}");
        return ExitCode::FAILURE;
    }
    let cases = storage::CASES.iter().chain(life::CASES);
    let trials = cases.map(|(name, case)| Trial::test(*name, move || run(*case))).collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn run(case: Case) -> Result<(), Failed> {
    let mut isolate = Isolate::start().map_err(|error| error.to_string())?;
    case(&mut isolate).map_err(|error| error.to_string())?;
    Ok(())
}
