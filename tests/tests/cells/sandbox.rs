//! A process in the sandbox tries what it must not be able to do, and is looked at from outside.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader, Lines};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use skerry_tests::binary;
use skerry_tests::server::PATIENCE;

use crate::Failure;

/// Of the attempts, at the least: a list that was cut short by mistake is no proof.
const ATTEMPTS_MIN: usize = 150;
/// Owns nothing that matters, as an ordinary user.
const ORDINARY: [&str; 6] = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--"];
/// Descriptors that the parent has, and has no reason to give away.
const INHERITED: &str = "exec 5</etc/passwd 9</etc/passwd; ";

/// `skerry cell --probe`, when it has tried everything. It waits for the end of its input.
struct Probe {
    child: Child,
    process: u32,
    attempts: Vec<String>,
}

impl Probe {
    /// Through a shell: `script` ends with what starts the arguments, and prints the number of the process first.
    fn start(script: &str, arguments: &[&str]) -> Result<Self, Failure> {
        let mut command = Command::new("bash");
        command.args(["-c", &format!("{INHERITED}{script}"), "bash"]).args(arguments).args(["cell", "--probe"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        let read = Self::read(&mut lines);
        if read.is_err() {
            child.kill()?;
            child.wait()?;
        }
        let (process, attempts) = read?;
        Ok(Self { child, process, attempts })
    }

    fn read(lines: &mut Lines<BufReader<ChildStdout>>) -> Result<(u32, Vec<String>), Failure> {
        let process = lines.next().ok_or("nothing was printed")??.parse()?;
        let mut attempts = Vec::new();
        for line in lines {
            match line?.as_str() {
                "done" => return Ok((process, attempts)),
                attempt => attempts.push(attempt.to_owned()),
            }
        }
        Err(format!("the process ended after {attempts:?}").into())
    }

    fn file(&self, name: &str) -> PathBuf {
        Path::new("/proc").join(self.process.to_string()).join(name)
    }

    /// The lines of `/proc/PROCESS/status`.
    fn status(&self) -> Result<BTreeMap<String, String>, Failure> {
        let text = fs::read_to_string(self.file("status"))?;
        let lines = text.lines().filter_map(|line| line.split_once(':'));
        Ok(lines.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect())
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ended = self.child.wait();
    }
}

/// What is wrong, all of it: each check is seen to fail beside the others.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn check(&mut self, holds: bool, fault: impl FnOnce() -> String) {
        if !holds {
            self.0.push(fault());
        }
    }

    fn report(self) {
        assert!(self.0.is_empty(), "{}", self.0.join("\n"));
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

const BECOME: &str = r#"echo $$; exec "$@""#;

/// Whoever started it.
fn check_attempts(probe: &Probe, faults: &mut Faults) {
    for attempt in &probe.attempts {
        faults.check(attempt.contains(": refused ("), || attempt.clone());
    }
    let different: BTreeSet<_> = probe.attempts.iter().collect();
    faults.check(different.len() >= ATTEMPTS_MIN, || format!("{} attempts were made", different.len()));
    // On the thread that entered, and on one that was there before the second filter.
    faults.check(probe.attempts.len() == 2 * different.len(), || "the threads differ".into());
}

fn check_status(probe: &Probe, by_root: bool, faults: &mut Faults) -> Result<(), Failure> {
    let status = probe.status()?;
    let mut expected = vec![("NoNewPrivs", "1"), ("Seccomp", "2")];
    let sets = ["CapInh", "CapPrm", "CapEff", "CapAmb", "CapBnd"];
    // Who is not root cannot empty the last, and gains nothing by it.
    expected.extend(sets[..if by_root { 5 } else { 4 }].iter().map(|set| (*set, "0000000000000000")));
    for (name, value) in expected {
        let found = status.get(name).ok_or_else(|| format!("the kernel does not say {name}"))?;
        faults.check(found == value, || format!("{name} is {found}"));
    }
    let users: BTreeSet<_> = ["Uid", "Gid"].iter().flat_map(|name| status[*name].split_whitespace()).collect();
    faults.check(!users.contains("0"), || format!("users and groups are {users:?}"));
    if by_root {
        faults.check(users.len() == 1, || format!("users and groups are {users:?}"));
        faults.check(status["Groups"].is_empty(), || format!("it is of the groups {}", status["Groups"]));
    }
    let limits = fs::read_to_string(probe.file("limits"))?;
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).ok_or("no limit of cores")?;
    let core: Vec<_> = core.split_whitespace().skip(4).take(2).collect();
    faults.check(core == ["0", "0"], || format!("cores may have {core:?}"));
    Ok(())
}

#[test]
fn whoever_started_it_nothing_gets_out() -> Result<(), Failure> {
    let mut faults = Faults::default();
    let binary = binary().to_str().ok_or("a path in UTF-8")?;
    let probe = Probe::start(BECOME, &[binary])?;
    check_attempts(&probe, &mut faults);
    check_status(&probe, is_root(), &mut faults)?;
    if is_root() {
        let open: BTreeSet<_> = fs::read_dir(probe.file("fd"))?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect::<Result<_, Failure>>()?;
        faults.check(open == ["0", "1", "2"].map(String::from).into(), || format!("it has the descriptors {open:?}"));
        let other = Probe::start(BECOME, &[binary])?;
        let (user, others) = (&probe.status()?["Uid"], &other.status()?["Uid"]);
        faults.check(user != others, || format!("two of them are the user {user}"));
    } else {
        eprintln!("descriptors and users are only looked at by root");
    }
    faults.report();
    Ok(())
}

#[test]
fn an_ordinary_user_can_start_it_and_cannot_look_into_it() -> Result<(), Failure> {
    if !is_root() {
        eprintln!("only root can become another user: this is a part of the other test here");
        return Ok(());
    }
    let mut faults = Faults::default();
    // Where everybody can reach it.
    let folder = tempfile::tempdir()?;
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
    let reachable = folder.path().join("skerry");
    fs::copy(binary(), &reachable)?;
    let reachable = reachable.to_str().ok_or("a path in UTF-8")?;
    let probe = Probe::start(BECOME, &[&ORDINARY[..], &[reachable]].concat())?;
    check_attempts(&probe, &mut faults);
    check_status(&probe, false, &mut faults)?;
    for file in ["maps", "environ", "mem"] {
        let file = probe.file(file);
        let read = Command::new(ORDINARY[0]).args(&ORDINARY[1..]).arg("head").arg("-c1").arg(&file).output()?;
        let said = String::from_utf8_lossy(&read.stderr).into_owned();
        faults.check(said.contains("Permission denied"), || format!("{} can be read: {said}", file.display()));
    }
    faults.report();
    Ok(())
}

#[test]
fn it_ends_with_its_parent() -> Result<(), Failure> {
    let binary = binary().to_str().ok_or("a path in UTF-8")?;
    // Its input stays open: the shell is all that ends.
    let mut probe = Probe::start(r#"exec 3<&0; (echo $BASHPID; exec "$@" <&3 3<&-) & wait"#, &[binary])?;
    // Waiting for a child closes its input.
    let input = probe.child.stdin.take();
    probe.child.kill()?;
    probe.child.wait()?;
    let deadline = Instant::now() + PATIENCE;
    while probe.file("status").exists() {
        assert!(Instant::now() < deadline, "the process outlives its parent");
        std::thread::sleep(Duration::from_millis(20));
    }
    drop(input);
    Ok(())
}
