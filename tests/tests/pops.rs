//! `deploy/two-pops` on three machines: the control plane and two PoPs, one of which is cut off for a while.

use std::path::Path;
use std::time::{Duration, Instant};

use skerry_tests::authority::Authority;
use skerry_tests::lan::{Lan, Namespace};
use skerry_tests::project::{answering, project, write};
use skerry_tests::server::{PATIENCE, Server};
use skerry_tests::unit::{Unit, install, moved};
use tempfile::TempDir;

type Failure = Box<dyn std::error::Error>;

const CONTROL: &str = "https://10.77.0.1:8788";
const HOST: &str = "host: app.workers.workers.example.com";

/// A machine on which the files of `deploy/` are installed.
struct Machine {
    namespace: Namespace,
    root: TempDir,
    unit: Unit,
    server: Option<Server>,
}

impl Machine {
    fn new(lan: &Lan, number: u8, unit: &str, environment: &str) -> Result<Self, Failure> {
        let (root, unit) = (tempfile::tempdir()?, Unit::read(unit)?);
        let place = unit.environment_file().ok_or("the unit reads no file")?;
        let file = install(environment, place, root.path())?;
        install("node.toml", "/etc/skerry/node.toml", root.path())?;
        let text = std::fs::read_to_string(file)?;
        Ok(Self { namespace: lan.machine(number)?, root, unit: unit.with_environment(&text), server: None })
    }

    fn put(&self, file: &Path, place: &str) -> Result<(), Failure> {
        std::fs::copy(file, moved(place, self.root.path()))?;
        Ok(())
    }

    /// What `systemctl start` runs, with texts replaced that an operator is to replace.
    fn start(&mut self, replaced: &[(&str, &str)], until: &str) -> Result<(), Failure> {
        let mut arguments = self.unit.arguments(self.root.path())?;
        for argument in &mut arguments {
            if let Some((_, with)) = replaced.iter().find(|(text, _)| text == argument) {
                *argument = (*with).to_owned();
            }
        }
        let mut command = self.namespace.command(skerry_tests::binary());
        command.args(arguments);
        let server = Server::spawn(command)?;
        server.wait_for(until)?;
        self.server = Some(server);
        Ok(())
    }

    fn answer(&self) -> Result<String, Failure> {
        Ok(self.namespace.get("http://127.0.0.1/", &["--header", HOST])?)
    }

    fn until(&self, expected: &str) -> Result<(), Failure> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.answer()? {
                answer if answer == expected => return Ok(()),
                answer if Instant::now() > deadline => {
                    let printed = self.server.as_ref().map(Server::printed);
                    return Err(format!("{answer:?}, not {expected:?}; {printed:?}").into());
                }
                _ => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    }

    /// How old the configuration is that the PoP serves, in seconds.
    fn age(&self) -> Result<f64, Failure> {
        let metrics = self.namespace.get("http://127.0.0.1:9180/metrics", &[])?;
        let line = metrics.lines().find_map(|line| line.strip_prefix("skerry_config_age_seconds "));
        Ok(line.ok_or("there is no age among the metrics")?.parse()?)
    }

    fn until_age(&self, is_right: impl Fn(f64) -> bool) -> Result<(), Failure> {
        let deadline = Instant::now() + PATIENCE;
        while !is_right(self.age()?) {
            assert!(Instant::now() < deadline, "{} s", self.age()?);
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

/// A developer's command on the switch.
struct Developer<'l> {
    lan: &'l Lan,
    home: TempDir,
    project: TempDir,
    ca: String,
    token: String,
}

impl Developer<'_> {
    fn deploy(&self, text: &str) -> Result<(), Failure> {
        write(self.project.path(), "index.js", &answering(text))?;
        let mut command = self.lan.developer.command(skerry_tests::binary());
        command.arg("deploy").current_dir(self.project.path()).env("HOME", self.home.path());
        command.env("SKERRY_API", CONTROL).env("SKERRY_TOKEN", &self.token).env("SKERRY_CA", &self.ca);
        let ran = command.output()?;
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        Ok(())
    }

    fn invite(&self, name: &str) -> Result<String, Failure> {
        let (bearer, body) = (format!("authorization: Bearer {}", self.token), format!("{{\"name\":\"{name}\"}}"));
        let more = ["--cacert", &self.ca, "--header", &bearer, "--data", &body];
        let told = self.lan.developer.get(&format!("{CONTROL}/v1/edges/enrolments"), &more)?;
        let told: serde_json::Value = serde_json::from_str(&told)?;
        Ok(told["token"].as_str().ok_or_else(|| told.to_string())?.to_owned())
    }
}

#[test]
fn a_pop_that_is_cut_off_serves_on_starts_again_and_catches_up() -> Result<(), Failure> {
    let (lan, authority) = (Lan::new()?, Authority::new()?);
    let mut control = Machine::new(&lan, 1, "skerry-control.service", "two-pops/control.env")?;
    let certificate = authority.certificate_for("api", "IP:10.77.0.1")?;
    control.put(&certificate.cert, "/etc/skerry/api.pem")?;
    control.put(&certificate.key, "/etc/skerry/api.key")?;
    control.start(&[], &format!("API on {CONTROL}"))?;
    let printed = control.server.as_ref().ok_or("no server")?.wait_for("Admin token")?;
    let developer = Developer {
        lan: &lan,
        home: tempfile::tempdir()?,
        project: project(&[("wrangler.toml", "name = \"app\"\nmain = \"index.js\"\n")])?,
        ca: authority.file().to_string_lossy().into_owned(),
        token: printed.split(": ").nth(1).unwrap_or_default().to_owned(),
    };
    developer.deploy("first")?;

    let mut near = Machine::new(&lan, 2, "skerry-edge.service", "two-pops/ams-1.env")?;
    let mut far = Machine::new(&lan, 3, "skerry-edge.service", "two-pops/fra-1.env")?;
    for (pop, name) in [(&mut near, "ams-1"), (&mut far, "fra-1")] {
        pop.put(&authority.file(), "/etc/skerry/ca.pem")?;
        pop.start(&[("TOKEN", &developer.invite(name)?)], "Workers are served on")?;
        pop.until("first")?;
    }
    // From elsewhere, too.
    assert_eq!(lan.developer.get("http://10.77.0.3/", &["--header", HOST])?, "first");

    lan.pull_cable(3)?;
    developer.deploy("second")?;
    near.until("second")?;
    assert_eq!(far.answer()?, "first");
    // Beyond what a heartbeat every 5 s leaves.
    far.until_age(|age| age > 8.0)?;
    let age = far.age()?;
    far.until_age(|later| later > age)?;
    assert!(near.age()? < 8.0);

    // A restart needs nobody; the token in the file does not count any more, and is not asked for.
    far.server = None;
    far.start(&[], "is served from the disk")?;
    far.server.as_ref().ok_or("no server")?.wait_for("Workers are served on")?;
    assert_eq!(far.answer()?, "first");

    lan.plug_in(3)?;
    far.until("second")?;
    far.until_age(|age| age < 8.0)?;
    developer.deploy("third")?;
    near.until("third")?;
    far.until("third")
}
