//! The commands of a developer: each is a few calls of the control plane's `/v1`.
//!
//! With `--json` a command prints one JSON value on standard output and nothing else. It ends with 0 when it is done, 1 when it was refused
//! or failed, and 2 when what was typed or is in the project cannot be used.

mod account;
mod accounts;
mod api;
mod args;
mod credentials;
mod deploy;
mod edges;
pub(crate) mod failure;
mod http;
mod live;
pub(crate) mod out;
mod secrets;
mod tail;
mod tokens;
mod triggers;
mod versions;

use std::process::ExitCode;

use clap::Subcommand;
use serde_json::Value;

use crate::start;
use api::Api;
use args::Shared;
use failure::Failure;
use out::Out;

pub(crate) type Done = Result<Value, Failure>;

#[derive(Subcommand)]
pub enum ClientCommand {
    /// Keep the address of a control plane and a token for it, for the other commands.
    Login(account::LoginArgs),
    /// Forget them.
    Logout(account::LogoutArgs),
    /// Whose the token is, and what it may do.
    Whoami(account::WhoamiArgs),
    /// Bundle a project, upload it, and have it serve.
    Deploy(deploy::DeployArgs),
    /// Versions of a worker: what was uploaded, and which of it serves.
    Versions(versions::VersionsArgs),
    /// Have an earlier version serve again.
    Rollback(versions::RollbackArgs),
    /// Secrets of a worker.
    Secret(secrets::SecretArgs),
    /// Routes of a worker.
    Routes(triggers::RoutesArgs),
    /// Custom domains of a worker.
    Domains(triggers::DomainsArgs),
    /// Watch a worker's requests and logs as they come.
    Tail(tail::TailArgs),
    /// Delete a worker with its versions, secrets, routes and Durable Objects.
    Delete(account::DeleteArgs),
    /// Tokens of the account.
    Tokens(tokens::TokensArgs),
    /// Edges that follow the control plane.
    Edges(edges::EdgesArgs),
    /// Accounts, whose workers and tokens are kept apart.
    Accounts(accounts::AccountsArgs),
}

impl ClientCommand {
    fn shared(&self) -> &Shared {
        match self {
            Self::Login(args) => &args.shared,
            Self::Logout(args) => &args.shared,
            Self::Whoami(args) => &args.shared,
            Self::Deploy(args) => &args.target.shared,
            Self::Versions(args) => &args.target.shared,
            Self::Rollback(args) => &args.target.shared,
            Self::Secret(args) => &args.target.shared,
            Self::Routes(args) => &args.target.shared,
            Self::Domains(args) => &args.target.shared,
            Self::Tail(args) => &args.target.shared,
            Self::Delete(args) => &args.shared,
            Self::Tokens(args) => &args.shared,
            Self::Edges(args) => &args.shared,
            Self::Accounts(args) => &args.shared,
        }
    }

    async fn done(&self, out: &Out) -> Done {
        match self {
            Self::Login(args) => account::login(args, out).await,
            Self::Logout(_) => account::logout(out),
            Self::Whoami(args) => account::whoami(args, out).await,
            Self::Deploy(args) => deploy::deploy(args, out).await,
            Self::Versions(args) => versions::run(args, out).await,
            Self::Rollback(args) => versions::rollback(args, out).await,
            Self::Secret(args) => secrets::run(args, out).await,
            Self::Routes(args) => triggers::routes(args, out).await,
            Self::Domains(args) => triggers::domains(args, out).await,
            Self::Tail(args) => tail::tail(args, out).await,
            Self::Delete(args) => account::delete(args, out).await,
            Self::Tokens(args) => tokens::run(args, out).await,
            Self::Edges(args) => edges::run(args, out).await,
            Self::Accounts(args) => accounts::run(args, out).await,
        }
    }
}

/// For what is not done and would be refused: whoever asks should be told.
async fn require_admin(api: &Api) -> Result<Value, Failure> {
    let who = api.get("/whoami").await?;
    match who["token"]["scope"].as_str() {
        Some("admin") => Ok(who),
        scope => Err(Failure::refused(
            "forbidden",
            format!("the token has the scope {}, and this takes admin", scope.unwrap_or_default()),
        )),
    }
}

async fn require_operator(api: &Api) -> Result<(), Failure> {
    if require_admin(api).await?["account"]["is_operator"] == true {
        return Ok(());
    }
    Err(Failure::refused("forbidden", "this is for administrators of the operator's account: ask one of them"))
}

pub fn run(command: &ClientCommand) -> ExitCode {
    let out = Out::new(command.shared().json);
    let done = match start::runtime() {
        Ok(runtime) => runtime.block_on(Box::pin(command.done(&out))),
        Err(error) => Err(Failure::failed(format!("{error:#}"))),
    };
    out.end(done)
}
