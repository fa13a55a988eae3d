//! The files that operators copy.

use std::process::Command;

use skerry_tests::client;
use skerry_tests::repository;
use skerry_tests::server::Server;

type Failure = Box<dyn std::error::Error>;

/// Of systemd's marks for what a unit leaves open, from 0 to 10.
const EXPOSURE_MAX: f64 = 3.0;

/// The units, with the binary that was built in place of the one that is to be installed.
fn units() -> Result<(tempfile::TempDir, Vec<std::path::PathBuf>), Failure> {
    let folder = tempfile::tempdir()?;
    let mut units = Vec::new();
    for file in std::fs::read_dir(repository().join("deploy/systemd"))? {
        let file = file?;
        let text = std::fs::read_to_string(file.path())?;
        assert!(text.contains("ExecStart=/usr/local/bin/skerry "), "{file:?}");
        let unit = folder.path().join(file.file_name());
        std::fs::write(&unit, text.replace("/usr/local/bin/skerry", &skerry_tests::binary().to_string_lossy()))?;
        units.push(unit);
    }
    assert_eq!(units.len(), 3);
    Ok((folder, units))
}

#[test]
fn systemd_takes_the_units_and_finds_them_closed() -> Result<(), Failure> {
    let (_folder, units) = units()?;
    for unit in units {
        let verified = Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&unit).output()?;
        let printed = String::from_utf8_lossy(&verified.stderr);
        let name = unit.file_name().unwrap_or_default().to_string_lossy().into_owned();
        assert!(verified.status.success() && !printed.contains(&name), "{printed}");
        let marked = Command::new("systemd-analyze").args(["security", "--offline=true", "--no-pager"]).arg(&unit).output()?;
        let printed = String::from_utf8_lossy(&marked.stdout).into_owned() + &String::from_utf8_lossy(&marked.stderr);
        let mark = printed
            .split("Overall exposure level for ")
            .nth(1)
            .and_then(|rest| rest.split(": ").nth(1)?.split(' ').next()?.parse().ok());
        let mark: f64 = mark.ok_or_else(|| printed.clone())?;
        assert!(mark <= EXPOSURE_MAX, "{name}: {mark}\n{printed}");
    }
    Ok(())
}

#[test]
fn the_arguments_of_the_units_are_the_binarys() -> Result<(), Failure> {
    for file in std::fs::read_dir(repository().join("deploy/systemd"))? {
        let text = std::fs::read_to_string(file?.path())?;
        let line = text.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/local/bin/skerry ")).ok_or("no ExecStart")?;
        // An option that there is not is found before anything is done.
        let line = line.replace("${SKERRY_CONTROL}", "not-an-address").replace("$ENROLL", "--enroll x");
        let folder = tempfile::tempdir()?;
        let line = line
            .replace("/var/lib/skerry", &folder.path().to_string_lossy())
            .replace("/etc/skerry/node.toml", "/nonexistent/node.toml");
        let mut args: Vec<_> = line.split(' ').collect();
        if args[0] == "control" {
            args.extend(["--api", "192.0.2.1:1"]);
            args.retain(|arg| *arg != "127.0.0.1:8788");
            args.remove(args.iter().position(|arg| *arg == "--api").ok_or("no --api")?);
        }
        let (code, printed) = Server::launch_command(&args)?.exit()?;
        let expected = if args[0] == "control" { "cannot be listened on" } else { "/nonexistent/node.toml: cannot be read" };
        assert!(code == 2 && printed.contains(expected), "{line}: {code} {printed}");
    }
    Ok(())
}

#[test]
fn the_sample_configuration_is_served() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let text = std::fs::read_to_string(repository().join("deploy/node.toml"))?;
    let text = text.replace("0.0.0.0:80", "127.0.0.1:0").replace("127.0.0.1:9180", "127.0.0.1:0");
    let config = folder.path().join("node.toml");
    std::fs::write(&config, text)?;
    let data = folder.path().join("data");
    let args = ["serve", "--data", &data.to_string_lossy(), "--config", &config.to_string_lossy(), "--api", "127.0.0.1:0"];
    let server = Server::launch_command(&args)?;
    let served = server.address_behind("Workers are served on http://")?;
    let admin = server.address_behind("Health and metrics on http://")?;
    assert_eq!((client::get(served, "/")?.status, client::get(admin, "/readyz")?.status), (404, 200));
    Ok(())
}
