//! Each target on its seeds, and on mutations of them that are the same in every run. `FUZZ_SEED` makes others of them, `FUZZ_TIMES` more.

#[path = "mutations/mutator.rs"]
mod mutator;

use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use mutator::Mutator;
use skerry_fuzz::{TARGETS, Target};

const SEED: u64 = 0x5eed;

fn main() -> ExitCode {
    let targets = TARGETS.iter().map(|target| Trial::test(target.name, || check(target)));
    let listed = Trial::test("every_target_has_seeds_and_a_door_for_cargo_fuzz", every_target_is_whole);
    libtest_mimic::run(&Arguments::from_args(), targets.chain([listed]).collect()).exit_code()
}

fn check(target: &Target) -> Result<(), Failed> {
    let (seed, times) = (number("FUZZ_SEED")?.unwrap_or(SEED), number("FUZZ_TIMES")?.unwrap_or(1));
    let seeds = seeds_of(target.name)?;
    for bytes in &seeds {
        try_one(target, bytes, "a seed")?;
    }
    println!("{}: {} seeds, {} mutations with FUZZ_SEED={seed}", target.name, seeds.len(), u64::from(target.mutations) * times);
    let mut mutator = Mutator::new(seed, &seeds);
    for count in 0..u64::from(target.mutations) * times {
        try_one(target, &mutator.next_input(), &format!("mutation {count} of FUZZ_SEED={seed}"))?;
    }
    Ok(())
}

fn try_one(target: &Target, bytes: &[u8], what: &str) -> Result<(), Failed> {
    if catch_unwind(|| (target.run)(bytes)).is_ok() {
        return Ok(());
    }
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{}", target.name));
    std::fs::write(&file, bytes)?;
    let shown = bytes.escape_ascii().to_string();
    Err(format!("{} panics on {what}, which is kept in {}: {shown:.2000}", target.name, file.display()).into())
}

fn number(name: &str) -> Result<Option<u64>, Failed> {
    let text = std::env::var(name).ok();
    Ok(text.map(|text| text.parse().map_err(|error| format!("{name} is {text:?}: {error}"))).transpose()?)
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn names_in(folder: &Path) -> Result<Vec<PathBuf>, Failed> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut names: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    names.sort();
    Ok(names)
}

fn seeds_of(name: &str) -> Result<Vec<Vec<u8>>, Failed> {
    let mut seeds = Vec::new();
    for file in names_in(&here().join("seeds").join(name))? {
        seeds.push(std::fs::read(file)?);
    }
    Ok(seeds)
}

fn every_target_is_whole() -> Result<(), Failed> {
    let names: Vec<_> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    let stems = |folder: &str| -> Result<Vec<_>, Failed> {
        let stem = |path: PathBuf| Some(path.file_stem()?.to_str()?.to_owned());
        Ok(names_in(&here().join(folder))?.into_iter().filter_map(stem).collect())
    };
    assert_eq!(stems("seeds")?, names);
    assert_eq!(stems("libfuzzer/fuzz_targets")?, names);
    for name in &names {
        assert!(!seeds_of(name)?.is_empty(), "{name} has no seeds");
        let text = std::fs::read_to_string(here().join(format!("libfuzzer/fuzz_targets/{name}.rs")))?;
        assert!(text.contains(&format!("skerry_fuzz::{name}(data)")), "{name}.rs runs another target");
        let manifest = std::fs::read_to_string(here().join("libfuzzer/Cargo.toml"))?;
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name} is not in libfuzzer/Cargo.toml");
    }
    Ok(())
}
