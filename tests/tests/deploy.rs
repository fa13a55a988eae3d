//! The files that operators copy.

#[path = "deploy/container.rs"]
mod container;
#[path = "deploy/units.rs"]
mod units;

use std::process::Command;

type Failure = Box<dyn std::error::Error>;

/// Every option is one that the command has.
fn check_options(args: &[String]) -> Result<(), Failure> {
    let command = args.first().ok_or("no command")?;
    let help = Command::new(skerry_tests::binary()).args([command, "--help"]).output()?;
    let text = String::from_utf8(help.stdout)?;
    assert!(help.status.success(), "there is no `skerry {command}`");
    for option in args.iter().filter(|arg| arg.starts_with("--")) {
        assert!(text.contains(&format!("{option} <")), "`skerry {command}` has no {option}");
    }
    Ok(())
}
