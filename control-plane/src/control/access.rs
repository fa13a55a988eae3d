use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{Commit, Control};
use crate::error::ControlError;
use crate::meta::Range;
use crate::rows::{AccountRow, Scope, TokenRow, keys, now, rising_id};

const TOKEN_BYTES: usize = 32;

/// Who asks, by their token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub account: String,
    /// The token's id.
    pub token: String,
    /// The token's name.
    pub name: String,
    pub scope: Scope,
}

impl Caller {
    pub fn require(&self, scope: Scope) -> Result<(), ControlError> {
        if self.scope >= scope {
            return Ok(());
        }
        let text = format!("The token \"{}\" has the scope {:?}, and this takes {scope:?}", self.name, self.scope);
        Err(ControlError::forbidden(text.to_lowercase()))
    }

    pub fn require_account(&self, account: &str) -> Result<(), ControlError> {
        if self.account == account {
            return Ok(());
        }
        Err(ControlError::forbidden(format!("The token is not for the account {account:?}: it is for {}", self.account)))
    }
}

impl Control {
    /// Whoever holds a token that counts.
    pub async fn caller(&self, token: &str) -> Result<Caller, ControlError> {
        let refused = || ControlError::unauthenticated("Invalid API token: log in again, or ask for a new one");
        let Some((row, _)) = self.read::<TokenRow>(&keys::token(token)).await? else { return Err(refused()) };
        if row.is_revoked {
            return Err(refused());
        }
        if row.expires.as_ref().is_some_and(|expires| *expires <= now()) {
            return Err(ControlError::unauthenticated(format!("The API token \"{}\" has expired: ask for a new one", row.name)));
        }
        Ok(Caller { account: row.account, token: row.id, name: row.name, scope: row.scope })
    }

    /// Makes an account and a token for its administrator, if there is no account yet.
    pub async fn bootstrap(&self) -> Result<Option<(String, String)>, ControlError> {
        if !self.meta.scan(keys::ACCOUNTS, Range::last(1)).await?.is_empty() {
            return Ok(None);
        }
        let id = uuid::Uuid::new_v4().simple().to_string();
        let caller = Caller { account: id.clone(), token: String::new(), name: "first start".to_owned(), scope: Scope::Admin };
        let mut commit = Commit::new(self, &caller, "account.create", &id)?;
        let row = AccountRow { id: id.clone(), name: "default".to_owned(), subdomain: "workers".to_owned(), created: now() };
        commit.expect(keys::account(&id), None).put(keys::account(&id), &row)?;
        let token = add_token(&mut commit, &id, "admin", Scope::Admin, None)?;
        commit.make().await?.ok_or_else(super::too_busy)?;
        Ok(Some((id, token)))
    }

    pub async fn account(&self, id: &str) -> Result<AccountRow, ControlError> {
        let found = self.read(&keys::account(id)).await?;
        found.map(|(row, _)| row).ok_or_else(|| ControlError::forbidden(format!("There is no account {id:?}")))
    }

    /// Gives the token, which nobody can read again.
    pub async fn create_token(
        &self,
        caller: &Caller,
        name: &str,
        scope: Scope,
        expires: Option<String>,
    ) -> Result<String, ControlError> {
        caller.require(Scope::Admin)?;
        let mut commit = Commit::new(self, caller, "token.create", name)?;
        let token = add_token(&mut commit, &caller.account, name, scope, expires)?;
        commit.make().await?.ok_or_else(super::too_busy)?;
        Ok(token)
    }
}

fn add_token(
    commit: &mut Commit,
    account: &str,
    name: &str,
    scope: Scope,
    expires: Option<String>,
) -> Result<String, ControlError> {
    let mut bytes = [0; TOKEN_BYTES];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| ControlError::internal(&"there is no randomness for a token"))?;
    let token = format!("sk_{}", URL_SAFE_NO_PAD.encode(bytes));
    let row = TokenRow {
        id: rising_id(),
        account: account.to_owned(),
        name: name.to_owned(),
        scope,
        created: now(),
        expires,
        is_revoked: false,
    };
    commit.put(keys::token(&token), &row)?;
    Ok(token)
}
