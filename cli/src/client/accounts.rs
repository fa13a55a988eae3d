use clap::{Args, Subcommand};
use serde_json::json;

use super::Done;
use super::api::Api;
use super::args::Shared;
use super::out::Out;

#[derive(Args)]
pub struct AccountsArgs {
    #[command(flatten)]
    pub shared: Shared,
    #[command(subcommand)]
    command: AccountsCommand,
}

#[derive(Subcommand)]
enum AccountsCommand {
    /// Make an account, and a token for its administrator, which is shown this once.
    Create {
        /// Whose it is.
        #[arg(value_name = "NAME")]
        title: String,
        /// Its workers have the hosts WORKER.SUBDOMAIN.HOST.
        #[arg(long, value_name = "SUBDOMAIN")]
        subdomain: String,
        /// Make nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// All accounts.
    List,
}

pub async fn run(args: &AccountsArgs, out: &Out) -> Done {
    let api = Api::of(&args.shared)?;
    match &args.command {
        AccountsCommand::Create { title, subdomain, dry_run: true } => {
            super::require_operator(&api).await?;
            out.say(&format!("The account {title} was not made: this was a dry run"));
            Ok(json!({ "name": title, "subdomain": subdomain, "dry_run": true }))
        }
        AccountsCommand::Create { title, subdomain, .. } => {
            let made = api.post("/accounts", &json!({ "name": title, "subdomain": subdomain })).await?;
            let text = |key: &str| made[key].as_str().unwrap_or_default();
            out.say(&format!("Account {title}: {}", text("id")));
            out.say("Token of its administrator, shown this once:");
            out.say(text("token"));
            Ok(made)
        }
        AccountsCommand::List => {
            let accounts = api.list("/accounts", "accounts").await?;
            for account in &accounts {
                let text = |key: &str| account[key].as_str().unwrap_or_default();
                let operator = if account["is_operator"] == true { "  (operator)" } else { "" };
                out.say(&format!("{}  {}  {}  {}{operator}", text("id"), text("created"), text("subdomain"), text("name")));
            }
            Ok(json!({ "accounts": accounts }))
        }
    }
}
