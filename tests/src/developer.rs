//! Somebody who uses the commands of `skerry` against a server.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{self, Response};
use crate::project::{project, write};
use crate::wrangler::Control;

/// A command that has ended.
pub struct Ran {
    command: String,
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn ended(self, code: i32, texts: &[&str]) -> Result<Self> {
        let all = format!("`skerry {}` ended with {}:\n{}\n{}", self.command, self.code, self.out, self.err);
        if self.code != code || texts.iter().any(|text| !self.out.contains(text) && !self.err.contains(text)) {
            bail!("{code} and {texts:?} were expected, but {all}");
        }
        Ok(self)
    }

    pub fn done(self, texts: &[&str]) -> Result<Self> {
        self.ended(0, texts)
    }

    /// Its one JSON value.
    pub fn json(self) -> Result<Value> {
        let ran = self.done(&[])?;
        serde_json::from_str(&ran.out).with_context(|| format!("{:?}", ran.out))
    }
}

/// As a user who has never logged in: nothing of this process' environment but the path.
pub fn command(home: &Path, folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(crate::binary());
    command.args(args).current_dir(folder).env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command.env("HOME", home).env("XDG_CONFIG_HOME", home.join("config"));
    command
}

pub fn finish(mut command: Command, input: &str, args: &[&str]) -> Result<Ran> {
    let file = tempfile::NamedTempFile::new()?;
    fs::write(file.path(), input)?;
    let output = command.stdin(File::open(file.path())?).output()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let code = output.status.code().unwrap_or(-1);
    Ok(Ran { command: args.join(" "), code, out: text(&output.stdout), err: text(&output.stderr) })
}

/// A server, and somebody who uses it by environment alone.
pub struct Developer {
    pub control: Control,
    pub home: TempDir,
    pub token: String,
}

impl Developer {
    pub fn start() -> Result<Self> {
        let control = Control::start()?;
        Ok(Self { home: tempfile::tempdir()?, token: control.token.clone(), control })
    }

    pub fn command(&self, folder: &Path, args: &[&str], token: &str) -> Command {
        let mut command = command(self.home.path(), folder, args);
        command.env("SKERRY_API", format!("http://{}", self.control.api)).env("SKERRY_TOKEN", token);
        command
    }

    pub fn skerry(&self, folder: &TempDir, args: &[&str]) -> Result<Ran> {
        self.reading(folder, args, "")
    }

    pub fn reading(&self, folder: &TempDir, args: &[&str], input: &str) -> Result<Ran> {
        finish(self.command(folder.path(), args, &self.token), input, args)
    }

    pub fn with_token(&self, folder: &TempDir, args: &[&str], token: &str) -> Result<Ran> {
        finish(self.command(folder.path(), args, token), "", args)
    }

    /// Deploys, and gives the version's id.
    pub fn deploy(&self, folder: &TempDir, code: &str) -> Result<String> {
        write(folder.path(), "index.js", code)?;
        let made = self.skerry(folder, &["deploy", "--json"])?.json()?;
        Ok(made["version"]["id"].as_str().context("no version")?.to_owned())
    }

    pub fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Result<(Response, Value)> {
        let bearer = format!("Bearer {}", self.token);
        let headers = [headers, &[("authorization", bearer.as_str())]].concat();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = client::request(self.control.api, method, &format!("/v1{path}"), &headers, body.as_bytes())?;
        let value = if answer.body.is_empty() { Value::Null } else { serde_json::from_slice(&answer.body)? };
        Ok((answer, value))
    }
}

/// A worker's project, with a configuration and a module.
pub fn worker(name: &str, more: Value, code: &str) -> Result<TempDir> {
    let mut config = json!({ "name": name, "main": "index.js", "compatibility_date": "2026-04-01" });
    for (key, value) in more.as_object().into_iter().flatten() {
        config[key] = value.clone();
    }
    project(&[("wrangler.json", &config.to_string()), ("index.js", code)])
}
