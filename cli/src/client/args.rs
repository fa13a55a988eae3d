use std::path::{Path, PathBuf};

use clap::Args;
use skerry_project::ProjectOptions;

use super::failure::Failure;

/// What all commands take.
#[derive(Args)]
pub struct Shared {
    /// The control plane, over SKERRY_API and the one that was logged in to.
    #[arg(long, global = true, value_name = "URL")]
    pub api: Option<String>,
    /// A token for it, over SKERRY_TOKEN and the one that was logged in with.
    #[arg(long, global = true, value_name = "TOKEN")]
    pub token: Option<String>,
    /// Certificates (PEM) of an authority of your own, for a control plane whose certificate it has signed; over SKERRY_CA.
    #[arg(long, global = true, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Print one JSON value and nothing else.
    #[arg(long, global = true)]
    pub json: bool,
}

/// What commands about one worker take.
#[derive(Args)]
pub struct Target {
    #[command(flatten)]
    pub shared: Shared,
    /// The worker, over the name in the project's wrangler configuration.
    #[arg(long, global = true, value_name = "NAME")]
    pub name: Option<String>,
    /// Environment of the wrangler configuration.
    #[arg(long, short, global = true)]
    pub env: Option<String>,
}

impl Target {
    pub fn options(&self) -> ProjectOptions {
        ProjectOptions { environment: self.env.clone(), vars: Vec::new() }
    }

    /// The worker that is meant: by its name, or by the project of this folder.
    pub fn worker(&self) -> Result<String, Failure> {
        if let Some(name) = &self.name {
            return Ok(name.clone());
        }
        skerry_project::name_of(Path::new("."), &self.options())
            .map_err(|error| Failure::usage(format!("{error}. Or name the worker with --name")))
    }
}
