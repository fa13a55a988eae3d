//! A `skerry serve` whose data folder a test may damage, and its API without `wrangler`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{self, Response};
use crate::disk::Disk;
use crate::project::answering;
use crate::server::{SERVE, Server};

/// What a change may take to be at the edge.
pub const SOON: Duration = Duration::from_secs(2);

const BOUNDARY: &str = "ThisIsTheBoundary";
pub const FORM: &str = "multipart/form-data; boundary=ThisIsTheBoundary";
pub const ES_MODULE: &str = "application/javascript+module";

/// Control plane and edge in one process. Killed when dropped.
pub struct Site {
    server: Option<Server>,
    folder: TempDir,
    /// Where its data are, if it has a disk of its own.
    disk: Option<Disk>,
    options: Vec<String>,
    /// Workers may ask their cells for faults.
    has_faults: bool,
    pub api: SocketAddr,
    pub edge: SocketAddr,
    pub account: String,
    pub token: String,
}

impl Site {
    pub fn start() -> Result<Self> {
        Self::start_with(None, &[])
    }

    pub fn start_on(disk: Disk) -> Result<Self> {
        Self::start_with(Some(disk), &[])
    }

    /// One whose workers may ask their cells for faults.
    pub fn start_with_faults(options: &[&str]) -> Result<Self> {
        let mut site = Self::not_started(tempfile::tempdir()?, None, options);
        site.has_faults = true;
        site.start_new()
    }

    pub fn start_with(disk: Option<Disk>, options: &[&str]) -> Result<Self> {
        Self::not_started(tempfile::tempdir()?, disk, options).start_new()
    }

    fn start_new(mut self) -> Result<Self> {
        self.start_again()?;
        self.account = self.value("Account:")?;
        self.token = self.value("Admin token (shown once):")?;
        Ok(self)
    }

    pub fn data(&self) -> PathBuf {
        self.disk.as_ref().map_or(self.folder.path(), Disk::path).join("data")
    }

    pub fn disk(&self) -> Result<&Disk> {
        self.disk.as_ref().context("it has no disk of its own")
    }

    fn launch(&self) -> Result<Server> {
        let mut command = match &self.disk {
            Some(disk) => disk.command(crate::binary()),
            None => Command::new(crate::binary()),
        };
        command.args(SERVE).arg(self.data()).args(&self.options);
        if self.has_faults {
            command.env("SKERRY_TEST_FAULTS", "1");
        }
        Server::spawn(command)
    }

    fn not_started(folder: TempDir, disk: Option<Disk>, options: &[&str]) -> Self {
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let (account, token) = (String::new(), String::new());
        let options = options.iter().map(ToString::to_string).collect();
        Self { server: None, folder, disk, options, has_faults: false, api: nowhere, edge: nowhere, account, token }
    }

    /// On data that somebody else has made, whose account and token the caller sets.
    pub fn on(folder: TempDir, options: &[&str]) -> Result<Self> {
        let mut site = Self::not_started(folder, None, options);
        site.start_again()?;
        Ok(site)
    }

    /// Ends the process as a crash would.
    pub fn kill(&mut self) {
        self.server = None;
    }

    /// Starts on the data that there is, and waits until it serves.
    pub fn start_again(&mut self) -> Result<()> {
        self.kill();
        let server = self.launch()?;
        server.wait_for("served on http://")?;
        self.server = Some(server);
        self.api = self.value("API on http://")?.parse()?;
        self.edge = self.value("served on http://")?.parse()?;
        Ok(())
    }

    pub fn crash_and_restart(&mut self) -> Result<()> {
        self.kill();
        self.start_again()
    }

    /// Ends the process as an operator would.
    pub fn stop(&mut self) -> Result<()> {
        let server = self.server.take().context("it does not run")?;
        server.signal("TERM")?;
        server.exit()?;
        Ok(())
    }

    /// What a start on the data that there is says, which is not to succeed.
    pub fn refused(&mut self) -> Result<String> {
        self.kill();
        self.refused_beside()
    }

    /// The same for a second process, while the first one runs.
    pub fn refused_beside(&self) -> Result<String> {
        let (code, printed) = Server::launch_serve(&self.data())?.exit()?;
        ensure!(code == 2 && printed.lines().count() == 1, "not refused, but exit code {code}:\n{printed}");
        Ok(printed)
    }

    pub fn wait_for(&self, text: &str) -> Result<String> {
        self.server.as_ref().context("the server is not running")?.wait_for(text)
    }

    pub fn printed(&self) -> String {
        self.server.as_ref().map(Server::printed).unwrap_or_default()
    }

    pub fn pid(&self) -> u32 {
        self.server.as_ref().map(Server::pid).unwrap_or_default()
    }

    pub fn resident_bytes(&self) -> u64 {
        self.server.as_ref().map(Server::resident_bytes).unwrap_or_default()
    }

    fn value(&self, after: &str) -> Result<String> {
        let line = self.wait_for(after)?;
        let rest = line.split_once(after).map(|(_, rest)| rest);
        let value = rest.and_then(|rest| rest.split_whitespace().next()).map(str::to_owned);
        value.with_context(|| format!("nothing behind {after:?} in {line:?}"))
    }

    /// A path of this account's workers.
    pub fn path(&self, path: &str) -> String {
        format!("/client/v4/accounts/{}/workers{path}", self.account)
    }

    /// A call of the API with a token and a whole path.
    pub fn call(&self, token: &str, method: &str, path: &str, (kind, body): (&str, &[u8])) -> Result<Response> {
        let bearer = format!("Bearer {token}");
        client::request(self.api, method, path, &[("content-type", kind), ("authorization", &bearer)], body)
    }

    /// A call about this account's workers. Status and JSON.
    pub fn json(&self, method: &str, path: &str, body: &str) -> Result<(u16, Value)> {
        self.sent(method, path, ("application/json", body.as_bytes()))
    }

    pub fn sent(&self, method: &str, path: &str, body: (&str, &[u8])) -> Result<(u16, Value)> {
        let answer = self.call(&self.token, method, &self.path(path), body)?;
        let value = serde_json::from_slice(&answer.body);
        Ok((answer.status, value.with_context(|| format!("{method} {path}: {} {}", answer.status, answer.text()))?))
    }

    /// What a call that must succeed gives.
    pub fn done(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let (status, mut value) = self.json(method, path, &text)?;
        ensure!(status == 200, "{method} {path}: {status} {value}");
        Ok(value["result"].take())
    }

    /// Uploads a form as the version that serves.
    pub fn put(&self, name: &str, form: &[u8]) -> Result<(u16, Value)> {
        self.sent("PUT", &format!("/scripts/{name}"), (FORM, form))
    }

    /// Has a worker answer with a text. Gives the version.
    pub fn deploy(&self, name: &str, text: &str) -> Result<String> {
        self.deploy_code(name, &answering(text))
    }

    pub fn deploy_code(&self, name: &str, code: &str) -> Result<String> {
        let (status, value) = self.put(name, &Form::of(code, json!({})))?;
        ensure!(status == 200, "{name} is not deployed: {status} {value}");
        Ok(value["result"]["deployment_id"].as_str().unwrap_or_default().to_owned())
    }

    /// What the edge answers for a host.
    pub fn get(&self, host: &str) -> Result<Response> {
        client::request(self.edge, "GET", "/", &[("host", host)], b"")
    }

    /// Waits until a worker answers with a text.
    pub fn until(&self, name: &str, expected: &str) -> Result<()> {
        self.until_host(&format!("{name}.workers.localhost"), expected)
    }

    pub fn until_host(&self, host: &str, expected: &str) -> Result<()> {
        let deadline = Instant::now() + SOON;
        loop {
            let answer = self.get(host)?;
            if answer.status == 200 && answer.text() == expected {
                return Ok(());
            }
            let told = || format!("{host} answers {} {:?}, not {expected:?}\n{}", answer.status, answer.text(), self.printed());
            ensure!(Instant::now() < deadline, "{}", told());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Deploys a worker, and waits until it answers: nothing that others did before may be in its way.
    pub fn check_deploys(&self, name: &str) -> Result<()> {
        let text = unique();
        self.deploy(name, &text)?;
        self.until(name, &text)
    }
}

/// A text that was never there before.
pub fn unique() -> String {
    format!("{:016x}", random())
}

pub fn random() -> u64 {
    use std::hash::{BuildHasher, Hasher, RandomState};
    RandomState::new().build_hasher().finish()
}

/// The form of an upload.
pub struct Form(Vec<u8>);

impl Form {
    pub fn new() -> Self {
        Self(Vec::new())
    }

    /// One module, with more metadata.
    pub fn of(code: &str, more: Value) -> Vec<u8> {
        let mut metadata = json!({ "main_module": "index.js" });
        for (key, value) in more.as_object().into_iter().flatten() {
            metadata[key] = value.clone();
        }
        Self::new().metadata(&metadata.to_string()).module("index.js", code).end()
    }

    pub fn metadata(self, json: &str) -> Self {
        self.part("form-data; name=\"metadata\"", None, json.as_bytes())
    }

    pub fn module(self, name: &str, code: &str) -> Self {
        self.part(&format!("form-data; name=\"{name}\"; filename=\"{name}\""), Some(ES_MODULE), code.as_bytes())
    }

    pub fn part(mut self, disposition: &str, kind: Option<&str>, content: &[u8]) -> Self {
        self.0.extend(format!("--{BOUNDARY}\r\ncontent-disposition: {disposition}\r\n").bytes());
        self.0.extend(kind.into_iter().flat_map(|kind| format!("content-type: {kind}\r\n").into_bytes()));
        self.0.extend(b"\r\n");
        self.0.extend(content);
        self.0.extend(b"\r\n");
        self
    }

    pub fn end(mut self) -> Vec<u8> {
        self.0.extend(format!("--{BOUNDARY}--\r\n").bytes());
        self.0
    }
}

impl Default for Form {
    fn default() -> Self {
        Self::new()
    }
}
