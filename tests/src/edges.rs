//! A control plane and edges, each in a process of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client;
use crate::disk::Disk;
use crate::server::{PATIENCE, Server};

const API: &str = "API on http://";
/// Before the address of an edge.
pub const SERVED: &str = "Workers are served on http://";

/// `skerry control` with a folder of its own.
pub struct Control {
    server: Server,
    folder: TempDir,
    pub address: SocketAddr,
    pub account: String,
    pub token: String,
}

impl Control {
    pub fn start() -> Result<Self> {
        Self::start_with(&[])
    }

    pub fn start_with(more: &[&str]) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let server = Self::launch(folder.path(), "127.0.0.1:0", more)?;
        let address = server.address_behind(API)?;
        let value = |text: &str| Ok::<_, anyhow::Error>(server.wait_for(text)?.split(": ").nth(1).unwrap_or_default().to_owned());
        let (account, token) = (value("Account: ")?, value("Admin token")?);
        Ok(Self { server, folder, address, account, token })
    }

    fn launch(folder: &Path, api: &str, more: &[&str]) -> Result<Server> {
        Server::launch_command(&[&["control", "--data", &folder.to_string_lossy(), "--api", api], more].concat())
    }

    /// Ends it as a crash would, and starts it again where it was.
    pub fn crash_and(&mut self, meanwhile: impl FnOnce() -> Result<()>) -> Result<()> {
        self.server.signal("KILL")?;
        meanwhile()?;
        self.server = Self::launch(self.folder.path(), &self.address.to_string(), &[])?;
        self.server.address_behind(API)?;
        Ok(())
    }

    /// Everything that lasts.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The folder with its modules.
    pub fn blobs(&self) -> PathBuf {
        self.folder.path().join("control/blobs")
    }

    /// Ends it as an operator would.
    pub fn stop(self) -> Result<(i32, String)> {
        self.server.signal("TERM")?;
        self.server.exit()
    }

    /// The own API's answer, which must be a good one.
    pub fn v1(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let bearer = format!("Bearer {}", self.token);
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = client::request(self.address, method, &format!("/v1{path}"), &headers, body.as_bytes())?;
        ensure!((200..300).contains(&answer.status), "{method} {path}: {} {}", answer.status, answer.text());
        Ok(serde_json::from_slice(&answer.body).unwrap_or_default())
    }

    pub fn call(&self, method: &str, path: &str, kind: &str, body: &[u8]) -> Result<Value> {
        let bearer = format!("Bearer {}", self.token);
        let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
        let answer = client::request(self.address, method, path, &headers, body)?;
        let value: Value = if answer.body.is_empty() { Value::Null } else { serde_json::from_slice(&answer.body)? };
        ensure!(answer.status < 300, "{} {value}", answer.status);
        // Cloudflare's API wraps what it answers with, ours does not.
        Ok(value.get("result").cloned().unwrap_or(value))
    }

    pub fn invite(&self, name: &str) -> Result<String> {
        let answer =
            self.call("POST", "/v1/edges/enrolments", "application/json", json!({ "name": name }).to_string().as_bytes())?;
        Ok(answer["token"].as_str().context("no token")?.to_owned())
    }

    /// A worker that answers with a text, which is also a variable.
    pub fn deploy(&self, name: &str, text: &str) -> Result<()> {
        let code =
            format!("// {text}\nexport default {{ fetch(_, env) {{ return new Response(env.TEXT + (env.SECRET ?? '')); }} }};");
        self.deploy_code(name, text, &code)
    }

    pub fn deploy_code(&self, name: &str, text: &str, code: &str) -> Result<()> {
        let metadata = json!({
            "main_module": "index.js", "compatibility_date": "2026-04-01",
            "bindings": [{ "type": "plain_text", "name": "TEXT", "text": text }],
        });
        let body = format!(
            "--b\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{metadata}\r\n\
             --b\r\nContent-Disposition: form-data; name=\"index.js\"; filename=\"index.js\"\r\n\
             Content-Type: application/javascript+module\r\n\r\n{code}\r\n--b--\r\n"
        );
        let path = format!("/client/v4/accounts/{}/workers/scripts/{name}", self.account);
        self.call("PUT", &path, "multipart/form-data; boundary=b", body.as_bytes())?;
        Ok(())
    }

    pub fn edges(&self) -> Result<Vec<Value>> {
        Ok(self.call("GET", "/v1/edges", "", b"")?["edges"].as_array().cloned().unwrap_or_default())
    }
}

/// `skerry edge --control` with a folder of its own.
pub struct Edge {
    pub server: Server,
    folder: TempDir,
    disk: Option<Disk>,
    control: String,
}

impl Edge {
    pub fn enrol(control: &Control, name: &str) -> Result<Self> {
        Self::start(&format!("http://{}", control.address), &control.invite(name)?)
    }

    pub fn start(control: &str, token: &str) -> Result<Self> {
        Self::start_with(control, token, &[])
    }

    pub fn start_with(control: &str, token: &str, more: &[&str]) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let server = launch(folder.path(), control, &[&["--enroll", token], more].concat())?;
        server.address_behind(SERVED)?;
        Ok(Self { server, folder, disk: None, control: control.to_owned() })
    }

    /// One that keeps what it has on a disk of its own, with health and metrics.
    pub fn enrol_on(control: &Control, name: &str, disk: Disk) -> Result<Self> {
        let (folder, token) = (tempfile::tempdir()?, control.invite(name)?);
        std::fs::write(folder.path().join("node.toml"), "listen = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"\n")?;
        let control = format!("http://{}", control.address);
        let server = launch_on(&disk, folder.path(), &control, &["--enroll", &token])?;
        server.address_behind(SERVED)?;
        Ok(Self { server, folder, disk: Some(disk), control })
    }

    /// Everything that lasts, where it has no disk of its own.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn disk(&self) -> Result<&Disk> {
        self.disk.as_ref().context("it has no disk of its own")
    }

    /// A figure of its metrics.
    pub fn metric(&self, name: &str) -> Result<f64> {
        let text = client::get(self.server.address_behind("Health and metrics on http://")?, "/metrics")?.text();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        Ok(line.with_context(|| format!("no {name} in\n{text}"))?.parse()?)
    }

    pub fn crash_and_restart(&mut self) -> Result<()> {
        self.server.signal("KILL")?;
        self.restart()
    }

    pub fn restart(&mut self) -> Result<()> {
        self.restart_with(&[])
    }

    pub fn restart_with(&mut self, more: &[&str]) -> Result<()> {
        self.server = match &self.disk {
            Some(disk) => launch_on(disk, self.folder.path(), &self.control, more)?,
            None => launch(self.folder.path(), &self.control, more)?,
        };
        self.server.address_behind(SERVED)?;
        Ok(())
    }

    pub fn get(&self, worker: &str) -> Result<String> {
        Ok(self.answer(worker, "/")?.text())
    }

    pub fn answer(&self, worker: &str, path: &str) -> Result<client::Response> {
        let host = format!("{worker}.workers.localhost");
        client::request(self.server.address_behind(SERVED)?, "GET", path, &[("host", &host)], b"")
    }

    pub fn until(&self, worker: &str, expected: &str) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while self.get(worker)? != expected {
            assert!(
                Instant::now() < deadline,
                "{worker} answers {:?}, not {expected:?}\n{}",
                self.get(worker)?,
                self.server.printed()
            );
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        Ok(())
    }
}

fn launch_on(disk: &Disk, folder: &Path, control: &str, more: &[&str]) -> Result<Server> {
    let mut command = disk.command(crate::binary());
    command.args(["edge", "--control", control, "--data"]).arg(disk.path());
    command.arg("--config").arg(folder.join("node.toml")).args(more);
    Server::spawn(command)
}

/// Starts an edge without waiting.
pub fn launch(folder: &Path, control: &str, more: &[&str]) -> Result<Server> {
    let folder = folder.to_string_lossy();
    let args = ["edge", "--control", control, "--data", &folder, "--listen", "127.0.0.1:0"];
    Server::launch_command(&[&args[..], more].concat())
}
