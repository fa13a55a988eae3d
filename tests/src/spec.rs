//! Spec cases: see `specs/README.md`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::client;
use crate::server::Server;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub sabotage: Option<String>,
    pub unsabotaged: Option<String>,
    /// Why the runtime cannot pass yet; the case is then listed as ignored, and must be run when that changes.
    pub awaits: Option<String>,
    /// A project elsewhere in the repository, from its root; its npm packages are installed first.
    project: Option<String>,
    #[serde(default)]
    args: Vec<String>,
    #[serde(default)]
    log: Vec<String>,
    #[serde(default, rename = "request")]
    requests: Vec<Request>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    #[serde(default = "get")]
    method: String,
    #[serde(default = "slash")]
    path: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: String,
    #[serde(default = "ok")]
    status: u16,
    #[serde(default)]
    response_headers: BTreeMap<String, String>,
    response: Option<String>,
    #[serde(default)]
    response_contains: Vec<String>,
}

fn get() -> String {
    "GET".to_owned()
}

fn slash() -> String {
    "/".to_owned()
}

fn ok() -> u16 {
    200
}

/// A case and where it lies.
#[derive(Debug, Clone)]
pub struct Located {
    /// `<area>/<case>`.
    pub name: String,
    pub folder: PathBuf,
    pub case: Case,
}

/// All cases below the folder of specs, by name.
pub fn all(specs: &Path) -> Result<Vec<Located>> {
    let mut found = Vec::new();
    for area in folders(specs)? {
        for folder in folders(&area)? {
            let name = format!("{}/{}", name_of(&area), name_of(&folder));
            let text = std::fs::read_to_string(folder.join("case.toml")).with_context(|| format!("{name}: case.toml"))?;
            let case: Case = toml::from_str(&text).with_context(|| format!("{name}: case.toml"))?;
            ensure!(
                case.sabotage.is_some() != case.unsabotaged.is_some(),
                "{name}: case.toml needs `sabotage`, or `unsabotaged` with the reason"
            );
            found.push(Located { name, folder, case });
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

fn folders(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    Ok(entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_dir()).collect())
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Runs a case as it is, with more arguments than its own.
pub fn run(located: &Located, arguments: &[&str]) -> Result<()> {
    let path = match &located.case.project {
        Some(project) => crate::npm::installed(&crate::repository().join(project))?,
        None => entry(&located.folder)?,
    };
    check(&located.case, &path, arguments)
}

/// Runs a case with its feature broken: it must fail.
pub fn run_sabotaged(located: &Located, sabotage: &str) -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let specs = located.folder.parent().and_then(Path::parent).context("a case lies two folders deep")?;
    std::fs::copy(specs.join("check.js"), scratch.path().join("check.js"))?;
    let folder = scratch.path().join("area").join("case");
    copy(&located.folder, &folder)?;
    let main = ["worker.js", "worker.ts", "worker.tsx"].iter().find(|name| folder.join(name).is_file());
    let main = main.context("a case with `sabotage` needs a worker.js or worker.ts")?;
    std::fs::write(folder.join("sabotage.js"), sabotage)?;
    std::fs::write(
        folder.join("sabotaged.js"),
        format!("import \"./sabotage.js\";\nexport * from \"./{main}\";\nexport {{ default }} from \"./{main}\";\n"),
    )?;
    match check(&located.case, &folder.join("sabotaged.js"), &[]) {
        Ok(()) => bail!("the case passes although its feature is broken"),
        Err(_) => Ok(()),
    }
}

fn entry(folder: &Path) -> Result<PathBuf> {
    let names = ["wrangler.toml", "wrangler.jsonc", "wrangler.json"];
    if names.iter().any(|name| folder.join(name).is_file()) {
        return Ok(folder.to_owned());
    }
    let workers = ["worker.js", "worker.ts", "worker.tsx"];
    workers.iter().map(|name| folder.join(name)).find(|file| file.is_file()).context("there is no worker in the case's folder")
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let path = entry?.path();
        let target = to.join(path.file_name().context("a name")?);
        if path.is_dir() {
            copy(&path, &target)?;
        } else {
            std::fs::copy(&path, &target)?;
        }
    }
    Ok(())
}

fn check(case: &Case, path: &Path, arguments: &[&str]) -> Result<()> {
    // Those that run at the same time share nothing, and what an earlier run has stored is not seen.
    let stored = tempfile::tempdir()?;
    let persist_to = stored.path().display().to_string();
    let fixed = ["--no-watch", "--persist-to", &persist_to];
    let args: Vec<&str> = case.args.iter().map(String::as_str).chain(fixed).chain(arguments.iter().copied()).collect();
    let server = Server::start(path, &args)?;
    let with_log = |error: anyhow::Error| error.context(format!("the server printed:\n{}", server.printed()));
    if case.requests.is_empty() {
        let response = client::get(server.address(), "/")?;
        ensure!(response.status == 200 && response.text() == "ok", "status {}:\n{}", response.status, response.text());
    }
    for (index, request) in case.requests.iter().enumerate() {
        request.check(&server).with_context(|| format!("request {}", index + 1)).map_err(with_log)?;
    }
    for text in &case.log {
        server.wait_for(text)?;
    }
    Ok(())
}

impl Request {
    fn check(&self, server: &Server) -> Result<()> {
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let response = client::request(server.address(), &self.method, &self.path, &headers, self.body.as_bytes())?;
        let text = response.text();
        ensure!(response.status == self.status, "status {} instead of {}:\n{text}", response.status, self.status);
        for (name, expected) in &self.response_headers {
            let actual = response.header(&name.to_ascii_lowercase()).unwrap_or_default();
            ensure!(actual == *expected, "header {name} is {actual:?} instead of {expected:?}");
        }
        if let Some(expected) = &self.response {
            ensure!(text == *expected, "the body is {text:?} instead of {expected:?}");
        }
        for part in &self.response_contains {
            ensure!(text.contains(part.as_str()), "the body does not contain {part:?}:\n{text}");
        }
        Ok(())
    }
}
