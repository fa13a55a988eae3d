//! The container file and the compose file, as far as they can be checked without an engine: what they name is there, and what a container
//! would run runs, as its user, on a root that cannot be written.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use skerry_tests::lan::Namespace;
use skerry_tests::repository;
use skerry_tests::server::{PATIENCE, Server};
use yaml_rust2::{Yaml, YamlLoader};

use super::{Failure, check_options};

const FOLDER: &str = "deploy/container";

/// Instructions with what they are given, continued lines joined.
fn instructions() -> Result<Vec<(String, String)>, Failure> {
    let text = std::fs::read_to_string(repository().join(FOLDER).join("Containerfile"))?.replace("\\\n", " ");
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    Ok(lines.filter_map(|line| line.split_once(' ')).map(|(name, rest)| (name.to_owned(), rest.to_owned())).collect())
}

fn given<'i>(instructions: &'i [(String, String)], name: &str) -> Result<&'i str, Failure> {
    let found = instructions.iter().rfind(|(other, _)| other == name);
    Ok(found.map(|(_, rest)| rest.as_str()).ok_or_else(|| format!("the container file has no {name}"))?)
}

/// What is copied from the repository, and where to.
fn copies() -> Result<Vec<(String, String)>, Failure> {
    let mut copies = Vec::new();
    for (_, rest) in instructions()?.iter().filter(|(name, rest)| name == "COPY" && !rest.starts_with("--from")) {
        let mut words: Vec<_> = rest.split_whitespace().collect();
        let to = words.pop().ok_or("COPY has no target")?;
        copies.extend(words.into_iter().map(|from| (from.to_owned(), to.to_owned())));
    }
    Ok(copies)
}

fn words(list: &str) -> Result<Vec<String>, Failure> {
    Ok(serde_json::from_str(list)?)
}

/// What the image runs when it is told nothing.
fn command() -> Result<Vec<String>, Failure> {
    let all = instructions()?;
    assert_eq!(words(given(&all, "ENTRYPOINT")?)?, ["skerry"]);
    words(given(&all, "CMD")?)
}

/// The ports that the image's configuration listens on, and that of the API.
fn ports() -> Result<BTreeSet<String>, Failure> {
    let config: toml::Table = std::fs::read_to_string(repository().join(FOLDER).join("node.toml"))?.parse()?;
    let listened = ["listen", "admin"].map(|key| config.get(key).and_then(toml::Value::as_str).unwrap_or_default().to_owned());
    let command = command()?;
    let api = command.iter().skip_while(|arg| *arg != "--api").nth(1).ok_or("no --api")?;
    Ok(listened.iter().chain([api]).filter_map(|address| address.rsplit(':').next()).map(str::to_owned).collect())
}

#[test]
fn the_build_has_everything_that_it_needs() -> Result<(), Failure> {
    let (all, copies) = (instructions()?, copies()?);
    for (from, _) in &copies {
        let tracked = Command::new("git").args(["ls-files", "--", from]).current_dir(repository()).output()?;
        assert!(!tracked.stdout.is_empty(), "{from} is not part of the repository");
    }
    // All that cargo says the binary was made of.
    let made_of = std::fs::read_to_string(skerry_tests::binary().with_extension("d"))?;
    let root = std::fs::canonicalize(repository())?;
    let mut count = 0;
    for file in made_of.split_whitespace().skip(1) {
        let file = std::fs::canonicalize(file).unwrap_or_else(|_| PathBuf::from(file));
        let Ok(file) = file.strip_prefix(&root) else { continue };
        let is_copied = file.starts_with("target") || copies.iter().any(|(from, _)| file.starts_with(from));
        assert!(is_copied, "{} is not copied into the image that builds", file.display());
        count += 1;
    }
    assert!(count > 100, "cargo names {count} files only");
    // The workspace is whole, with the lock file that there is.
    let workspace = tempfile::tempdir()?;
    for (from, to) in copies.iter().filter(|(_, to)| !to.starts_with('/')) {
        let to = if to == "./" { workspace.path().join(from) } else { workspace.path().join(to) };
        std::fs::create_dir_all(to.parent().ok_or("no folder")?)?;
        std::os::unix::fs::symlink(repository().join(from), to)?;
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let loaded =
        Command::new(cargo).args(["metadata", "--locked", "--format-version", "1"]).current_dir(workspace.path()).output()?;
    assert!(loaded.status.success(), "{}", String::from_utf8_lossy(&loaded.stderr));

    let built = given(&all[..all.iter().rposition(|(name, _)| name == "FROM").ok_or("no FROM")?], "RUN")?;
    let profile = built.split_whitespace().skip_while(|word| *word != "--profile").nth(1).ok_or("no profile")?;
    let manifest: toml::Table = std::fs::read_to_string(repository().join("Cargo.toml"))?.parse()?;
    assert!(manifest["profile"].get(profile).is_some(), "there is no profile {profile}");
    let from = format!("--from=build /src/target/{profile}/skerry /usr/local/bin/skerry");
    assert!(all.iter().any(|(name, rest)| name == "COPY" && *rest == from), "the binary is not taken from where it is built");
    Ok(())
}

#[test]
fn the_image_names_what_is_in_it() -> Result<(), Failure> {
    let (all, copies) = (instructions()?, copies()?);
    check_options(&command()?)?;
    let exposed: BTreeSet<_> = given(&all, "EXPOSE")?.split_whitespace().map(str::to_owned).collect();
    assert_eq!(exposed, ports()?);
    assert_eq!(given(&all, "USER")?, "10001:10001");
    for (file, place) in [("node.toml", "/etc/skerry/node.toml"), ("healthy", "/usr/local/bin/healthy")] {
        assert!(copies.contains(&(format!("{FOLDER}/{file}"), place.to_owned())), "{file} is not in the image");
    }
    Ok(())
}

/// What a container runs, in a network of its own, as the image's user, on a root that cannot be written.
#[test]
fn it_runs_as_nobody_on_a_root_that_cannot_be_written_and_tells_how_it_is() -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir()?;
    let root = folder.path();
    std::fs::set_permissions(root, std::fs::Permissions::from_mode(0o755))?;
    std::fs::create_dir(root.join("data"))?;
    std::fs::write(root.join("skerry"), "")?;
    std::fs::copy(repository().join(FOLDER).join("node.toml"), root.join("node.toml"))?;
    let script = "mount --make-rprivate / && mount --bind \"$1\" skerry \
        && mount -t tmpfs -o uid=10001,gid=10001,mode=700 tmpfs data && mount -o remount,bind,ro / && shift \
        && ! touch /written 2> /dev/null && exec setpriv --reuid 10001 --regid 10001 --clear-groups --no-new-privs \
        --bounding-set -all --inh-caps -all -- ./skerry \"$@\"";
    let machine = Namespace::new()?;
    let mut started = machine.command("unshare");
    started.args(["--mount", "sh", "-c", script, "sh"]).arg(skerry_tests::binary()).current_dir(root);
    for word in command()? {
        started.arg(match word.as_str() {
            "/data" => root.join("data").into_os_string(),
            "/etc/skerry/node.toml" => root.join("node.toml").into_os_string(),
            _ => word.into(),
        });
    }
    let server = Server::spawn(started)?;
    server.wait_for("Workers are served on")?;
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid()))?;
    assert!(status.contains("Uid:\t10001\t10001") && status.contains("CapEff:\t0000000000000000"), "{status}");

    let all = instructions()?;
    let check = given(&all, "HEALTHCHECK")?;
    let check = words(check.split_once("CMD ").ok_or("the health check runs nothing")?.1)?;
    assert!(is_healthy(&machine, &check)?, "{}", server.printed());
    let control: Vec<_> = compose()?["services"]["control"]["healthcheck"]["test"].clone().into_iter().filter_map(text).collect();
    assert_eq!(control.first().map(String::as_str), Some("CMD"));
    assert!(is_healthy(&machine, &control[1..])?, "{}", server.printed());
    for wrong in [["healthy", "9180", "/none"], ["healthy", "1", "/readyz"]] {
        assert!(!is_healthy(&machine, &wrong.map(str::to_owned))?, "{wrong:?}");
    }
    server.signal("TERM")?;
    let deadline = Instant::now() + PATIENCE;
    while is_healthy(&machine, &check)? {
        assert!(Instant::now() < deadline, "healthy, and stopped");
    }
    assert_eq!(server.exit()?.0, 0);
    Ok(())
}

fn is_healthy(machine: &Namespace, check: &[String]) -> Result<bool, Failure> {
    assert_eq!(check.first().map(String::as_str), Some("healthy"));
    let program: &Path = &repository().join(FOLDER).join("healthy");
    Ok(machine.command(program).args(&check[1..]).output()?.status.success())
}

fn compose() -> Result<Yaml, Failure> {
    let text = std::fs::read_to_string(repository().join(FOLDER).join("compose.yaml"))?;
    Ok(YamlLoader::load_from_str(&text)?.pop().ok_or("it is empty")?)
}

fn text(value: Yaml) -> Option<String> {
    value.into_string()
}

fn texts(value: &Yaml) -> Vec<String> {
    value.clone().into_iter().filter_map(text).collect()
}

#[test]
fn the_compose_file_names_what_there_is() -> Result<(), Failure> {
    let (file, ports) = (compose()?, ports()?);
    let services = file["services"].as_hash().ok_or("there are no services")?;
    assert_eq!(services.len(), 3);
    for (name, service) in services {
        let command = texts(&service["command"]);
        check_options(&command)?;
        assert_eq!(service["image"].as_str(), Some("skerry"), "{name:?}");
        for published in texts(&service["ports"]) {
            let port = published.rsplit(':').next().unwrap_or_default();
            assert!(ports.contains(port), "{name:?}: nothing listens on {port}");
        }
        let mounts = texts(&service["volumes"]);
        let (volume, place) = mounts.first().and_then(|mount| mount.split_once(':')).ok_or("nothing is kept")?;
        assert!(!file["volumes"][volume].is_badvalue() && place == "/data", "{name:?}: {mounts:?}");
        assert!(command.windows(2).any(|pair| pair == ["--data", "/data"]), "{name:?}");
        assert_eq!(
            (service["read_only"].as_bool(), texts(&service["cap_drop"])),
            (Some(true), vec!["ALL".to_owned()]),
            "{name:?}"
        );
        // An edge finds the control plane by its service's name.
        for (option, value) in command.iter().zip(&command[1..]).filter(|(option, _)| *option == "--control") {
            let host = value.strip_prefix("http://").and_then(|rest| rest.strip_suffix(":8788")).unwrap_or_default();
            assert!(!file["services"][host].is_badvalue(), "{name:?}: {option} {value}");
        }
    }
    let build = &file["services"]["control"]["build"];
    let (context, containerfile) =
        (build["context"].as_str().unwrap_or_default(), build["dockerfile"].as_str().unwrap_or_default());
    let context = repository().join(FOLDER).join(context);
    assert!(context.join(containerfile).is_file(), "{containerfile} is not there");
    // How an edge's token gets in is said.
    let whole = std::fs::read_to_string(repository().join(FOLDER).join("compose.yaml"))?;
    for variable in ["AMS_1_TOKEN", "FRA_1_TOKEN"] {
        assert!(whole.contains(&format!("${{{variable}:-}}")) && whole.contains(&format!("{variable}=enrol_")), "{variable}");
    }
    Ok(())
}
