//! systemd's units, and what they read.

use std::path::PathBuf;
use std::process::Command;

use skerry_tests::lan::Namespace;
use skerry_tests::repository;
use skerry_tests::server::Server;
use skerry_tests::unit::{Unit, install};

use super::{Failure, check_options};

/// Of systemd's marks for what a unit leaves open, from 0 to 10.
const EXPOSURE_MAX: f64 = 3.0;

/// Services and sockets, with the binary that was built in place of the one that is to be installed.
fn units() -> Result<(tempfile::TempDir, Vec<PathBuf>), Failure> {
    let folder = tempfile::tempdir()?;
    let mut units = Vec::new();
    for file in std::fs::read_dir(repository().join("deploy/systemd"))? {
        let file = file?;
        let text = std::fs::read_to_string(file.path())?;
        let is_service = file.path().extension().is_some_and(|end| end == "service");
        assert_eq!(is_service, text.contains("ExecStart=/usr/local/bin/skerry "), "{file:?}");
        let unit = folder.path().join(file.file_name());
        std::fs::write(&unit, text.replace("/usr/local/bin/skerry", &skerry_tests::binary().to_string_lossy()))?;
        units.push(unit);
    }
    units.sort();
    assert_eq!(units.len(), 7);
    Ok((folder, units))
}

#[test]
fn systemd_takes_the_units_and_finds_them_closed() -> Result<(), Failure> {
    let (folder, units) = units()?;
    let verified = Command::new("systemd-analyze").args(["verify", "--man=no"]).args(&units).output()?;
    let printed = String::from_utf8_lossy(&verified.stderr);
    let is_ours = printed.contains("skerry") || printed.contains(&*folder.path().to_string_lossy());
    assert!(verified.status.success() && !is_ours, "{printed}");
    for unit in units.iter().filter(|unit| unit.extension().is_some_and(|end| end == "service")) {
        let marked = Command::new("systemd-analyze").args(["security", "--offline=true", "--no-pager"]).arg(unit).output()?;
        let printed = String::from_utf8_lossy(&marked.stdout).into_owned() + &String::from_utf8_lossy(&marked.stderr);
        let mark = printed
            .split("Overall exposure level for ")
            .nth(1)
            .and_then(|rest| rest.split(": ").nth(1)?.split(' ').next()?.parse().ok());
        let mark: f64 = mark.ok_or_else(|| printed.clone())?;
        assert!(mark <= EXPOSURE_MAX, "{unit:?}: {mark}\n{printed}");
    }
    Ok(())
}

/// A socket that a service does not know by its name would end it.
#[test]
fn each_socket_is_for_a_service_that_takes_it() -> Result<(), Failure> {
    for (socket, service, name) in [
        ("skerry-serve.socket", "skerry-serve.service", "workers"),
        ("skerry-serve-api.socket", "skerry-serve.service", "api"),
        ("skerry-control.socket", "skerry-control.service", "api"),
        ("skerry-edge.socket", "skerry-edge.service", "workers"),
    ] {
        let text = std::fs::read_to_string(repository().join("deploy/systemd").join(socket))?;
        for line in [format!("Service={service}"), format!("FileDescriptorName={name}")] {
            assert!(text.lines().any(|other| other == line), "{socket} has no {line}");
        }
    }
    Ok(())
}

#[test]
fn the_arguments_of_the_units_are_the_binarys() -> Result<(), Failure> {
    for (unit, environment) in [
        ("skerry-serve.service", "one-machine/serve.env"),
        ("skerry-control.service", "two-pops/control.env"),
        ("skerry-edge.service", "two-pops/ams-1.env"),
        ("skerry-edge.service", "two-pops/fra-1.env"),
    ] {
        let root = tempfile::tempdir()?;
        let file = install(environment, Unit::read(unit)?.environment_file().ok_or("it reads no file")?, root.path())?;
        let given = Unit::read(unit)?.with_environment(&std::fs::read_to_string(file)?).arguments(root.path())?;
        check_options(&given)?;
        if unit != "skerry-edge.service" {
            // The file may be left out.
            check_options(&Unit::read(unit)?.arguments(root.path())?)?;
        }
    }
    Ok(())
}

/// `deploy/one-machine`, as its unit starts it. For two PoPs: `pops.rs`.
#[test]
fn one_machine_serves() -> Result<(), Failure> {
    let root = tempfile::tempdir()?;
    let unit = Unit::read("skerry-serve.service")?;
    let file = install("one-machine/serve.env", unit.environment_file().ok_or("it reads no file")?, root.path())?;
    install("node.toml", "/etc/skerry/node.toml", root.path())?;
    let machine = Namespace::new()?;
    let mut command = machine.command(skerry_tests::binary());
    command.args(unit.with_environment(&std::fs::read_to_string(file)?).arguments(root.path())?);
    let server = Server::spawn(command)?;
    server.wait_for("Workers are served on http://0.0.0.0:80")?;
    for (url, expected) in
        [("http://127.0.0.1/", "404"), ("http://127.0.0.1:9180/readyz", "200"), ("http://127.0.0.1:8788/healthz", "200")]
    {
        let status = machine.get(url, &["--output", "/dev/null", "--write-out", "%{http_code}"])?;
        assert_eq!(status, expected, "{url}");
    }
    Ok(())
}
