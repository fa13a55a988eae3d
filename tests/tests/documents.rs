//! Every command in README.md and docs/ runs, and does what the page says.

use std::process::Command;

use skerry_tests::document::{Line, Reader, lines};
use skerry_tests::project::write;
use skerry_tests::repository;

type Failure = Box<dyn std::error::Error>;

type Check = fn(&str) -> Result<(), Failure>;
/// Commands that do not run here, each with the reason, and a check of what they name. One that no page has any more goes.
const NOT_RUN: &[(&str, &str, Check)] = &[
    ("cargo test --release --workspace", "this test is a part of it", nothing),
    ("cargo install --locked ", "it builds the binary under test once more, which takes minutes", names_a_package),
    ("cargo build --release --locked", "it builds the binary under test once more, which takes minutes", nothing),
    ("cargo run --release -p skerry-tests --bin bench -- ", "it takes minutes and the whole machine", names_rows),
    ("npx wrangler ", "it is not in this network; tests/wrangler.rs runs it", nothing),
    ("systemctl ", "there is no systemd", names_units),
];

fn nothing(_command: &str) -> Result<(), Failure> {
    Ok(())
}

fn names_a_package(command: &str) -> Result<(), Failure> {
    let path = command.split_once("--path ").ok_or("no --path")?.1.split(' ').next().unwrap_or_default();
    let manifest: toml::Table = std::fs::read_to_string(repository().join(path).join("Cargo.toml"))?.parse()?;
    assert_eq!(manifest["package"]["name"].as_str(), Some("skerry"));
    assert!(repository().join("Cargo.lock").is_file() && repository().join("cli/src/main.rs").is_file());
    Ok(())
}

fn names_rows(command: &str) -> Result<(), Failure> {
    let is_row = |row: &str| row.starts_with("--") || row == "start" || repository().join("tests/bench").join(row).is_dir();
    let rows = command.rsplit(" -- ").next().unwrap_or_default();
    rows.split(' ').for_each(|row| assert!(is_row(row), "no row {row}"));
    Ok(())
}

fn names_units(command: &str) -> Result<(), Failure> {
    let mut words = command.split_whitespace().skip(1).filter(|word| !word.starts_with("--"));
    let verb = words.next().unwrap_or_default();
    assert!(["daemon-reload", "enable", "restart", "start", "stop", "reload", "disable"].contains(&verb), "{verb}");
    for unit in words {
        let file = if unit.contains('.') { unit.to_owned() } else { format!("{unit}.service") };
        assert!(repository().join("deploy/systemd").join(&file).is_file(), "there is no {file}");
    }
    Ok(())
}

fn not_run(command: &str) -> Option<&'static (&'static str, &'static str, Check)> {
    NOT_RUN.iter().find(|(beginning, ..)| command.starts_with(beginning))
}

fn every_command_works(page: &str, reader: &mut Reader, at_least: usize) -> Result<(), Failure> {
    let lines = lines(page)?;
    let is_run = |line: &&Line| matches!(line, Line::Command(command) if not_run(command).is_none());
    assert!(lines.iter().filter(is_run).count() >= at_least, "the commands of {page} were not found: {lines:?}");
    for line in &lines {
        let done = match line {
            Line::Command(command) => match not_run(command) {
                Some((_, _, check)) => check(command),
                None => reader.follow(line).map_err(Into::into),
            },
            _ => reader.follow(line).map_err(Into::into),
        };
        done.map_err(|error| format!("{page}: {line:?}: {error:#}"))?;
    }
    Ok(())
}

#[test]
fn the_commands_of_the_readme_work() -> Result<(), Failure> {
    let mut reader = Reader::new()?;
    let project = "path/to/your/project";
    write(reader.folder(), &format!("{project}/wrangler.toml"), "name = \"yours\"\nmain = \"src/index.ts\"\n")?;
    write(reader.folder(), &format!("{project}/src/index.ts"), "export default { fetch: () => new Response('yours') };")?;
    let place = reader.folder().join(project).to_string_lossy().into_owned();
    reader.knows(project, place);
    every_command_works("README.md", &mut reader, 6)
}

#[test]
fn the_commands_for_operators_work() -> Result<(), Failure> {
    every_command_works("docs/operators.md", &mut Reader::new()?, 20)
}

#[test]
fn the_commands_for_developers_work() -> Result<(), Failure> {
    every_command_works("docs/developers.md", &mut Reader::new()?.at_home()?, 12)
}

#[test]
fn each_exception_is_one_of_a_page() -> Result<(), Failure> {
    let pages = ["README.md", "docs/operators.md", "docs/developers.md"].map(lines);
    let all: Vec<_> = pages.into_iter().collect::<Result<Vec<_>, _>>()?.concat();
    for (beginning, reason, _) in NOT_RUN {
        let is_there = all.iter().any(|line| matches!(line, Line::Command(command) if command.starts_with(beginning)));
        assert!(is_there, "no page has {beginning:?} ({reason})");
    }
    Ok(())
}

/// A page with commands that nobody runs would be wrong before long.
#[test]
fn no_other_page_has_commands() -> Result<(), Failure> {
    let pages = Command::new("git").args(["ls-files", "*.md"]).current_dir(repository()).output()?;
    // Of other systems, of notes on another program, and of a compiler that is not this one.
    let known = [
        "README.md",
        "docs/operators.md",
        "docs/developers.md",
        "runtime/v8/README.md",
        "control-plane/wrangler.md",
        "tests/fuzz/README.md",
    ];
    for page in String::from_utf8(pages.stdout)?.lines().filter(|page| !known.contains(page)) {
        assert!(lines(page)?.is_empty(), "{page} has commands that no test runs: tests/tests/documents.rs is to run them");
    }
    Ok(())
}
