//! Where `skerry login` keeps the token: readable by the user alone.

use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::args::Shared;
use super::failure::Failure;

/// A control plane and a token for it.
pub struct Credentials {
    pub api: String,
    pub token: String,
    /// Certificates of an authority that public ones do not know.
    pub ca: Option<PathBuf>,
}

impl Credentials {
    /// What the command line says, or else the environment, or else the last login.
    pub fn of(shared: &Shared) -> Result<Self, Failure> {
        let stored = stored()?;
        let Some(api) = api(shared)?.or_else(|| stored.as_ref().map(|stored| stored.api.clone())) else {
            return Err(Failure::usage("no control plane is known: run `skerry login --api URL --token TOKEN`"));
        };
        // A token is for the one to which it was given, and goes to no other.
        let of_login = stored.filter(|stored| stored.api == api);
        let ca = ca(shared).or_else(|| of_login.as_ref().and_then(|stored| stored.ca.clone()));
        match token(shared).or(of_login.map(|stored| stored.token)) {
            Some(token) => Ok(Self { api, token, ca }),
            None => Err(Failure::usage(format!("there is no token for {api}: run `skerry login --api {api} --token TOKEN`"))),
        }
    }

    pub fn store(&self) -> Result<PathBuf, Failure> {
        let file = file()?;
        let wrong = |error: std::io::Error| Failure::failed(format!("{}: the token cannot be kept: {error}", file.display()));
        let folder = file.parent().unwrap_or(Path::new("."));
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(wrong)?;
        // Written beside it and put in its place, so that it is never half there, nor ever readable by others.
        let new = folder.join(format!("credentials.{}.new", std::process::id()));
        let mut out = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new).map_err(wrong)?;
        let ca = self.ca.as_ref().map(|ca| fs::canonicalize(ca).unwrap_or_else(|_| ca.clone()));
        let text = json!({ "api": self.api, "token": self.token, "ca": ca }).to_string();
        out.write_all(text.as_bytes()).and_then(|()| fs::rename(&new, &file)).map_err(wrong)?;
        Ok(file)
    }
}

/// Gives whether there was anything to forget.
pub fn forget() -> Result<bool, Failure> {
    let file = file()?;
    match fs::remove_file(&file) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Failure::failed(format!("{}: the token cannot be deleted: {error}", file.display()))),
    }
}

/// The control plane that is named here and now.
pub fn api(shared: &Shared) -> Result<Option<String>, Failure> {
    shared.api.clone().or_else(|| variable("SKERRY_API")).map(|api| super::http::base_of(&api)).transpose()
}

pub fn token(shared: &Shared) -> Option<String> {
    shared.token.clone().or_else(|| variable("SKERRY_TOKEN"))
}

pub fn ca(shared: &Shared) -> Option<PathBuf> {
    shared.ca.clone().or_else(|| variable("SKERRY_CA").map(PathBuf::from))
}

fn stored() -> Result<Option<Credentials>, Failure> {
    // Without a home there is no login either.
    let Ok(file) = file() else { return Ok(None) };
    let text = match fs::read(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::failed(format!("{}: {error}", file.display()))),
    };
    let value: Value = serde_json::from_slice(&text).unwrap_or_default();
    let part = |name: &str| value[name].as_str().map(str::to_owned);
    let (Some(api), Some(token)) = (part("api"), part("token")) else {
        let text = format!("{}: not what `skerry login` writes: log in again", file.display());
        return Err(Failure::failed(text));
    };
    Ok(Some(Credentials { api, token, ca: part("ca").map(PathBuf::from) }))
}

fn file() -> Result<PathBuf, Failure> {
    let config = variable("XDG_CONFIG_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute());
    let config = config.or_else(|| std::env::home_dir().filter(|home| home.is_absolute()).map(|home| home.join(".config")));
    let config =
        config.ok_or_else(|| Failure::usage("there is no home folder: set XDG_CONFIG_HOME, or SKERRY_API and SKERRY_TOKEN"))?;
    Ok(config.join("skerry").join("credentials.json"))
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
