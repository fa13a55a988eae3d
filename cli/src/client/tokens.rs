use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::Done;
use super::api::{Api, segment};
use super::args::Shared;
use super::failure::Failure;
use super::out::Out;

#[derive(Args)]
pub struct TokensArgs {
    #[command(flatten)]
    pub shared: Shared,
    #[command(subcommand)]
    command: TokensCommand,
}

#[derive(Subcommand)]
enum TokensCommand {
    /// Make a token for this account, which is shown this once.
    Create {
        /// What it is for.
        #[arg(value_name = "NAME")]
        title: String,
        /// What it may do; each includes those before it.
        #[arg(long, value_enum)]
        scope: Scope,
        /// When it ends: 30d, 12h, 90m or 60s from now. Without it, never.
        #[arg(long, value_name = "TIME", value_parser = parse_seconds)]
        expires: Option<u64>,
        /// Make nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Tokens that count.
    List,
    /// Have a token open nothing any more.
    Revoke {
        #[arg(value_name = "ID")]
        id: String,
        /// Revoke nothing.
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Scope {
    Read,
    Deploy,
    Admin,
}

impl Scope {
    fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Deploy => "deploy",
            Self::Admin => "admin",
        }
    }
}

fn parse_seconds(text: &str) -> Result<u64, String> {
    let read = || {
        let unit = match text.chars().last()? {
            's' => 1,
            'm' => 60,
            'h' => 60 * 60,
            'd' => 24 * 60 * 60,
            _ => return None,
        };
        text[..text.len() - 1].parse::<u64>().ok().filter(|count| *count > 0)?.checked_mul(unit)
    };
    read().ok_or_else(|| "expected a time such as 30d, 12h, 90m or 60s".to_owned())
}

pub async fn run(args: &TokensArgs, out: &Out) -> Done {
    let api = Api::of(&args.shared)?;
    match &args.command {
        TokensCommand::Create { title, scope, expires, dry_run } => {
            let wanted = json!({ "name": title, "scope": scope.name(), "expires_in_seconds": expires });
            if *dry_run {
                super::require_admin(&api).await?;
                out.say(&format!("The token {title} was not made: this was a dry run"));
                return Ok(json!({ "name": title, "scope": scope.name(), "dry_run": true }));
            }
            let made = api.post("/tokens", &wanted).await?;
            let text = |key: &str| made[key].as_str().unwrap_or_default();
            let until = made["expires"].as_str().map_or(String::new(), |expires| format!(", until {expires}"));
            out.say(&format!("Token {title} ({}) with the scope {}{until}, shown this once:", text("id"), text("scope")));
            out.say(text("token"));
            Ok(made)
        }
        TokensCommand::List => {
            let tokens = api.list("/tokens", "tokens").await?;
            for token in &tokens {
                let text = |key: &str| token[key].as_str().unwrap_or_default();
                let until = token["expires"].as_str().map_or(String::new(), |expires| format!("  until {expires}"));
                out.say(&format!("{}  {:<6}  {}  {}{until}", text("id"), text("scope"), text("created"), text("name")));
            }
            Ok(json!({ "tokens": tokens }))
        }
        TokensCommand::Revoke { id, dry_run: true } => {
            let tokens = api.list("/tokens", "tokens").await?;
            let Some(token) = tokens.into_iter().find(|token| token["id"] == id.as_str()) else {
                return Err(Failure::refused(
                    "token_not_found",
                    format!("there is no token {id}: `skerry tokens list` shows the ids"),
                ));
            };
            out.say(&format!(
                "The token {} ({id}) was not revoked: this was a dry run",
                token["name"].as_str().unwrap_or_default()
            ));
            Ok(json!({ "token": token, "dry_run": true }))
        }
        TokensCommand::Revoke { id, .. } => {
            api.delete(&format!("/tokens/{}", segment(id))).await?;
            out.say(&format!("Revoked the token {id}"));
            Ok::<Value, _>(json!({ "revoked": id }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::parse_seconds;

    #[test]
    fn times_have_a_unit() {
        for (text, seconds) in [("60s", 60), ("90m", 5_400), ("12h", 43_200), ("30d", 2_592_000)] {
            assert_eq!(parse_seconds(text), Ok(seconds), "{text}");
        }
        for wrong in ["", "d", "30", "0d", "-1d", "1y", "1 d", "18446744073709551615d", "1ä"] {
            assert!(parse_seconds(wrong).is_err(), "{wrong}");
        }
    }
}
