use std::io::{BufRead, IsTerminal, stdin};

use clap::Args;
use serde_json::{Value, json};

use super::Done;
use super::api::{Api, worker_path};
use super::args::Shared;
use super::credentials::{self, Credentials};
use super::failure::Failure;
use super::out::Out;

#[derive(Args)]
pub struct LoginArgs {
    #[command(flatten)]
    pub shared: Shared,
}

#[derive(Args)]
pub struct LogoutArgs {
    #[command(flatten)]
    pub shared: Shared,
}

#[derive(Args)]
pub struct WhoamiArgs {
    #[command(flatten)]
    pub shared: Shared,
}

pub async fn login(args: &LoginArgs, out: &Out) -> Done {
    let api = credentials::api(&args.shared)?
        .ok_or_else(|| Failure::usage("which control plane? Name it: --api http://127.0.0.1:8788"))?;
    let token = match credentials::token(&args.shared) {
        Some(token) => token,
        None => typed(&format!("Token for {api}: "))?,
    };
    if token.is_empty() {
        return Err(Failure::usage("no token: name it with --token, or send it on standard input"));
    }
    let credentials = Credentials { api, token, ca: credentials::ca(&args.shared) };
    let who = Api::with(&credentials)?.get("/whoami").await?;
    let file = credentials.store()?;
    say_who(&credentials.api, &who, out);
    out.say(&format!("The token is kept in {}", file.display()));
    Ok(who)
}

/// A line of standard input.
fn typed(prompt: &str) -> Result<String, Failure> {
    if stdin().is_terminal() {
        eprint!("{prompt}");
    }
    let mut line = String::new();
    stdin().lock().read_line(&mut line).map_err(|error| Failure::failed(format!("standard input cannot be read: {error}")))?;
    Ok(line.trim().to_owned())
}

pub fn logout(out: &Out) -> Done {
    let was_there = credentials::forget()?;
    out.say(if was_there { "Logged out. The token itself still counts until it is revoked" } else { "Nobody was logged in" });
    Ok(json!({ "logged_out": was_there }))
}

pub async fn whoami(args: &WhoamiArgs, out: &Out) -> Done {
    let api = Api::of(&args.shared)?;
    let who = api.get("/whoami").await?;
    say_who(&api.base, &who, out);
    Ok(who)
}

fn say_who(base: &str, who: &Value, out: &Out) {
    let text = |part: &Value| part.as_str().unwrap_or_default().to_owned();
    let (account, token) = (&who["account"], &who["token"]);
    out.say(&format!("Control plane: {base}"));
    out.say(&format!("Account: {} ({})", text(&account["name"]), text(&account["id"])));
    out.say(&format!("Token: {}, with the scope {}", text(&token["name"]), text(&token["scope"])));
}

#[derive(Args)]
pub struct DeleteArgs {
    #[command(flatten)]
    pub shared: Shared,
    /// The worker.
    #[arg(value_name = "NAME")]
    worker: String,
    /// Do not ask.
    #[arg(long, short)]
    yes: bool,
    /// Also if other workers are bound to it.
    #[arg(long)]
    force: bool,
}

pub async fn delete(args: &DeleteArgs, out: &Out) -> Done {
    let name = &args.worker;
    let api = Api::of(&args.shared)?;
    if !args.yes {
        if !stdin().is_terminal() {
            return Err(Failure::usage(format!(
                "{name} would be deleted with its versions, secrets, routes and Durable Objects: confirm with --yes"
            )));
        }
        let answer = typed(&format!(
            "{name} is deleted with its versions, secrets, routes and Durable Objects. Type its name to confirm: "
        ))?;
        if answer != *name {
            return Err(Failure::failed("Nothing was deleted"));
        }
    }
    api.delete(&format!("{}?force={}", worker_path(name, &[]), args.force)).await?;
    out.say(&format!("Deleted {name}"));
    Ok(json!({ "deleted": name }))
}
