//! The commands of a document, run one after the other as a reader would, on machines of their own.
//!
//! | in a `sh` block | means |
//! |---|---|
//! | `# on NAME` | what follows is done on that machine of the network 10.77.0.0/24; before, on the reader's |
//! | `#> TEXT` | what the command before prints has this in it, at once or soon |
//! | `sk_...`, `enrol_...` and the like | what was printed last of this kind |

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::lan::{Lan, Namespace};
use crate::server::{PATIENCE, Server};
use crate::{npm, repository};

/// Machines of the network, and the last numbers of their addresses.
const MACHINES: [(&str, u8); 3] = [("control", 1), ("ams-1", 2), ("fra-1", 3)];
const READER: &str = "reader";
/// Commands that go on until they are stopped. A machine has one of them at a time.
const SERVING: [&str; 4] = ["dev", "serve", "control", "edge"];
/// Folders of a machine.
const FOLDERS: [&str; 3] = ["/etc/", "/var/", "/usr/local/"];

/// A line of a document's blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    On(String),
    Command(String),
    Prints(String),
}

/// The lines of the `sh` blocks of a page. Each block begins on the reader's machine.
pub fn lines(page: &str) -> Result<Vec<Line>> {
    let text = std::fs::read_to_string(repository().join(page)).with_context(|| page.to_owned())?;
    let (mut inside, mut lines) = (false, Vec::new());
    for line in text.lines() {
        if line.starts_with("```") {
            inside = line == "```sh";
            if inside {
                lines.push(Line::On(READER.into()));
            }
        } else if let Some(name) = line.strip_prefix("# on ").filter(|_| inside) {
            lines.push(Line::On(name.to_owned()));
        } else if let Some(text) = line.strip_prefix("#> ").filter(|_| inside) {
            lines.push(Line::Prints(text.to_owned()));
        } else if inside && !line.trim().is_empty() && !line.starts_with('#') {
            // A comment behind a command is not part of it.
            lines.push(Line::Command(line.split("  #").next().unwrap_or_default().trim().to_owned()));
        }
    }
    Ok(lines)
}

/// A reader at work.
pub struct Reader {
    lan: Lan,
    machines: HashMap<String, Machine>,
    folder: TempDir,
    /// What stands for a text that a document leaves open.
    known: HashMap<&'static str, String>,
    on: String,
    last: Option<String>,
}

struct Machine {
    namespace: Option<Namespace>,
    root: PathBuf,
    server: Option<Server>,
}

impl Reader {
    pub fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut reader =
            Self { lan: Lan::new()?, machines: HashMap::new(), folder, known: HashMap::new(), on: READER.into(), last: None };
        reader.go_to(READER)?;
        Ok(reader)
    }

    /// Begins at home, not in the repository.
    pub fn at_home(self) -> Result<Self> {
        let root = &self.machine()?.root;
        std::fs::write(root.join("where"), &*root.join("home").to_string_lossy())?;
        Ok(self)
    }

    /// Puts a text in the place of one that the document leaves open.
    pub fn knows(&mut self, open: &'static str, text: String) {
        self.known.insert(open, text);
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn follow(&mut self, line: &Line) -> Result<()> {
        match line {
            Line::On(name) => self.go_to(name),
            Line::Prints(text) => self.expect(text),
            Line::Command(command) => {
                self.last = Some(command.clone());
                self.command(command)
            }
        }
    }

    fn go_to(&mut self, name: &str) -> Result<()> {
        self.on = name.to_owned();
        if self.machines.contains_key(name) {
            return Ok(());
        }
        let number = MACHINES.iter().find(|(other, _)| *other == name).map(|(_, number)| *number);
        ensure!(number.is_some() || name == READER, "there is no machine {name}");
        let namespace = number.map(|number| self.lan.machine(number)).transpose()?;
        let root = self.folder.path().join(name);
        for folder in ["home", "bin", "etc/skerry", "var/lib", "var/backups", "usr/local/bin"] {
            std::fs::create_dir_all(root.join(folder))?;
        }
        std::os::unix::fs::symlink(crate::binary(), root.join("bin/skerry"))?;
        std::fs::write(root.join("where"), &*repository().to_string_lossy())?;
        std::fs::write(root.join("variables"), "")?;
        self.machines.insert(name.to_owned(), Machine { namespace, root, server: None });
        Ok(())
    }

    fn machine(&self) -> Result<&Machine> {
        self.machines.get(&self.on).context("nowhere")
    }

    fn command(&mut self, command: &str) -> Result<()> {
        let command = command.replace("cargo run --release -- ", "skerry ");
        if let Some(copied) = command.strip_prefix("scp ") {
            return self.copy(copied);
        }
        let words: Vec<_> = command.split_whitespace().collect();
        match words.as_slice() {
            ["npm", "ci", "--prefix", project] => npm::installed(&repository().join(project)).map(drop),
            ["skerry", name, ..] if SERVING.contains(name) => self.serve(&command),
            ["skerry", "tail", ..] => self.watch(&command),
            _ => self.run(&command).map(drop),
        }
    }

    /// From one machine to another, by the name that it has here.
    fn copy(&self, copied: &str) -> Result<()> {
        let (from, to) = copied.split_once(' ').context("scp FILE MACHINE:PLACE")?;
        let (name, place) = to.split_once(':').context("scp FILE MACHINE:PLACE")?;
        let (from, root) = (self.placed(from)?, self.folder.path().join(name));
        let to = root.join(place.trim_start_matches('/'));
        std::fs::create_dir_all(to.parent().context("no folder")?)?;
        std::fs::copy(&from, to).with_context(|| from.clone())?;
        Ok(())
    }

    /// A command with the machine's folders, and with what the document leaves open.
    fn placed(&self, command: &str) -> Result<String> {
        let mut text = command.to_owned();
        for (open, known) in &self.known {
            text = text.replace(open, known);
        }
        let root = self.machine()?.root.to_string_lossy().into_owned();
        for folder in FOLDERS {
            for before in [" ", "=", ">", "\"", "'"] {
                text = text.replace(&format!("{before}{folder}"), &format!("{before}{root}{folder}"));
            }
            if text.starts_with(folder) {
                text.insert_str(0, &root);
            }
        }
        Ok(text)
    }

    fn shell(&self, command: &str) -> Result<std::process::Command> {
        let machine = self.machine()?;
        let root = &machine.root;
        let mut shell = machine.namespace.as_ref().unwrap_or(&self.lan.developer).command("bash");
        // Variables and the folder are kept for the next command.
        let script = format!(
            "set -eu -o pipefail; cd \"$(cat {0}/where)\"; set -a; . {0}/variables; {1}",
            root.display(),
            self.placed(command)?
        );
        let path = std::env::var("PATH").unwrap_or_default();
        shell.args(["-c", &script]).env_clear().env("PATH", format!("{}/bin:{path}", root.display()));
        shell.env("HOME", root.join("home")).stdin(std::process::Stdio::null());
        Ok(shell)
    }

    fn run(&mut self, command: &str) -> Result<String> {
        let root = self.machine()?.root.to_string_lossy().into_owned();
        let ran = self.shell(&format!("{command}\nexport -p > {root}/variables; pwd > {root}/where"))?.output()?;
        let printed = String::from_utf8_lossy(&ran.stdout).into_owned();
        ensure!(ran.status.success(), "{} {printed}{}", ran.status, String::from_utf8_lossy(&ran.stderr));
        self.learn(&printed);
        Ok(printed)
    }

    /// Starts what goes on, in place of what went on here before.
    fn serve(&mut self, command: &str) -> Result<()> {
        if let Some(project) = command.strip_prefix("skerry dev examples/") {
            npm::installed(&repository().join("examples").join(project))?;
        }
        self.end_server()?;
        let is_first = self.is_first(command)?;
        let server = Server::spawn(self.shell(&format!("exec {command}"))?)?;
        server.wait_for(if command.starts_with("skerry control") { "API on http" } else { "on http://" })?;
        if command.starts_with("skerry serve") || command.starts_with("skerry edge") {
            server.wait_for("served on http://")?;
        }
        if is_first {
            server.wait_for("Admin token")?;
        }
        self.learn(&server.printed());
        self.machines.get_mut(&self.on).context("nowhere")?.server = Some(server);
        Ok(())
    }

    /// Whether a control plane begins with this command, and tells who may use it.
    fn is_first(&self, command: &str) -> Result<bool> {
        let is_plane = command.starts_with("skerry control") || command.starts_with("skerry serve");
        let Some((_, data)) = command.split_once("--data ").filter(|_| is_plane) else { return Ok(false) };
        let data = data.split(' ').next().unwrap_or_default();
        let printed = self.shell(&format!("test -e {data}/control || echo first"))?.output()?;
        Ok(printed.stdout.starts_with(b"first"))
    }

    fn end_server(&mut self) -> Result<()> {
        let Some(server) = self.machines.get_mut(&self.on).and_then(|machine| machine.server.take()) else { return Ok(()) };
        server.signal("TERM")?;
        let (code, printed) = server.exit()?;
        ensure!(code == 0, "it ended with {code}: {printed}");
        Ok(())
    }

    /// Runs a command that watches for as long as it takes to see that it does.
    fn watch(&self, command: &str) -> Result<()> {
        let mut watching = Server::spawn(self.shell(&format!("exec {command}"))?)?;
        std::thread::sleep(Duration::from_secs(1));
        ensure!(watching.is_running(), "it has ended: {}", watching.printed());
        Ok(())
    }

    fn expect(&mut self, text: &str) -> Result<()> {
        let command = self.last.clone().context("nothing was run")?;
        let deadline = Instant::now() + PATIENCE;
        let expected = self.placed(text)?;
        loop {
            let printed = self.run(&command)?;
            if printed.contains(&expected) {
                return Ok(());
            }
            ensure!(Instant::now() < deadline, "it does not print {expected:?}, but {printed:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn learn(&mut self, printed: &str) {
        let behind = |text: &str| {
            let word = printed.split_once(text)?.1.split(|c: char| c.is_whitespace() || c == '"').next()?;
            (!word.is_empty()).then(|| word.to_owned())
        };
        let found = [
            ("sk_...", behind("Admin token (shown once): ")),
            ("ACCOUNT_ID=...", behind("Account: ").map(|account| format!("ACCOUNT_ID={account}"))),
            ("enrol_...", behind("\"token\":\"enrol_").map(|rest| format!("enrol_{rest}"))),
            ("VERSION_ID", behind("Version ").filter(|id| id.len() == 36)),
        ];
        self.known.extend(found.into_iter().filter_map(|(open, text)| Some((open, text?))));
    }
}
