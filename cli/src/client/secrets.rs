use std::io::{BufRead, IsTerminal, Read, stdin};
use std::time::Instant;

use clap::{Args, Subcommand};
use serde_json::json;

use super::Done;
use super::api::{Api, worker_path};
use super::args::Target;
use super::failure::Failure;
use super::live;
use super::out::Out;

#[derive(Args)]
pub struct SecretArgs {
    #[command(flatten)]
    pub target: Target,
    #[command(subcommand)]
    command: SecretCommand,
}

#[derive(Subcommand)]
enum SecretCommand {
    /// Set a secret to what comes on standard input.
    Put {
        #[arg(value_name = "SECRET")]
        key: String,
    },
    /// Names of the secrets.
    List,
    /// Delete a secret.
    Delete {
        #[arg(value_name = "SECRET")]
        key: String,
    },
}

pub async fn run(args: &SecretArgs, out: &Out) -> Done {
    let api = Api::of(&args.target.shared)?;
    let name = args.target.worker()?;
    match &args.command {
        SecretCommand::Put { key } => {
            let text = value(key)?;
            let began = Instant::now();
            let made = api.put(&worker_path(&name, &["secrets", key]), &json!({ "text": text })).await?;
            out.say(&format!("The secret {key} of {name} is set"));
            Ok(live::followed(&api, &name, made, began, out).await)
        }
        SecretCommand::List => {
            let found = api.get(&worker_path(&name, &["secrets"])).await?;
            for secret in found["secrets"].as_array().into_iter().flatten() {
                out.say(secret["name"].as_str().unwrap_or_default());
            }
            Ok(found)
        }
        SecretCommand::Delete { key } => {
            let began = Instant::now();
            let mut made = api.delete(&worker_path(&name, &["secrets", key])).await?;
            out.say(&format!("The secret {key} of {name} is deleted"));
            made["deleted"] = json!(key);
            Ok(live::followed(&api, &name, made, began, out).await)
        }
    }
}

/// All of standard input but the newline at its end; of a terminal one line.
fn value(key: &str) -> Result<String, Failure> {
    let mut text = String::new();
    let read = if stdin().is_terminal() {
        eprint!("Value of {key} (it is seen as it is typed): ");
        stdin().lock().read_line(&mut text)
    } else {
        stdin().lock().read_to_string(&mut text)
    };
    read.map_err(|error| Failure::usage(format!("the value of {key} cannot be read from standard input: {error}")))?;
    let value = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    if value.is_empty() {
        return Err(Failure::usage(format!(
            "the value of {key} is empty: send it on standard input, such as `skerry secret put {key} < file`"
        )));
    }
    Ok(value.to_owned())
}
