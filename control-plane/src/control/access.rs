use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;

use super::{Commit, Control, decode};
use crate::error::ControlError;
use crate::meta::{Range, Transaction};
use crate::names;
use crate::rows::{AccountRow, Scope, TokenRow, keys, now, rising_id};
use crate::seal::{Sealed, Unreadable};

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

    /// Whether the keys are those that secrets were sealed with.
    pub async fn check_keys(&self) -> Result<(), ControlError> {
        const PROOF: &str = "skerry";
        if let Some((sealed, _)) = self.read::<Sealed>(keys::PROOF).await? {
            // Whoever starts the process is told, and needs no log.
            let other = |error: Unreadable| ControlError::new(StatusCode::INTERNAL_SERVER_ERROR, 10013, error.to_string());
            self.keys.open_sealed(keys::PROOF, &sealed).map_err(other)?;
            return Ok(());
        }
        let sealed = self.keys.seal(keys::PROOF, PROOF)?;
        let mut transaction = Transaction::default();
        let value = serde_json::to_vec(&sealed).map_err(|error| ControlError::internal(&error))?;
        transaction.expect(keys::PROOF, None).put(keys::PROOF, value);
        self.meta.commit(transaction).await?;
        Ok(())
    }

    /// Makes an account and a token for its administrator, if there is no account yet.
    pub async fn bootstrap(&self) -> Result<Option<(String, String)>, ControlError> {
        self.find_hosts().await?;
        if !self.meta.scan(keys::ACCOUNTS, Range::last(1)).await?.is_empty() {
            return Ok(None);
        }
        let id = uuid::Uuid::new_v4().simple().to_string();
        let caller = Caller { account: id.clone(), token: String::new(), name: "first start".to_owned(), scope: Scope::Admin };
        let mut commit = Commit::new(self, &caller, "account.create", &id)?;
        let token = add_account(&mut commit, AccountRow::new(&id, "default", "workers", true))?;
        commit.make().await?.ok_or_else(super::too_busy)?;
        Ok(Some((id, token)))
    }

    pub async fn account(&self, id: &str) -> Result<AccountRow, ControlError> {
        let found = self.read(&keys::account(id)).await?;
        found.map(|(row, _)| row).ok_or_else(|| ControlError::forbidden(format!("There is no account {id:?}")))
    }

    /// Whoever runs the place: edges are let in by them alone, and accounts made.
    pub async fn require_operator(&self, caller: &Caller) -> Result<(), ControlError> {
        caller.require(Scope::Admin)?;
        if self.account(&caller.account).await?.is_operator {
            return Ok(());
        }
        Err(ControlError::forbidden("This is for administrators of the operator's account, which is the first: ask one of them"))
    }

    /// Gives the account, and a token for its administrator, which nobody can read again.
    pub async fn create_account(
        &self,
        caller: &Caller,
        name: &str,
        subdomain: &str,
    ) -> Result<(AccountRow, String), ControlError> {
        self.require_operator(caller).await?;
        names::check_title("An account", name)?;
        names::check_subdomain(subdomain)?;
        // Also those that were made before subdomains had rows.
        let accounts = self.list::<AccountRow>(keys::ACCOUNTS, Range::ALL).await?;
        if accounts.iter().any(|account| account.subdomain == subdomain) {
            return Err(subdomain_taken(subdomain));
        }
        let id = uuid::Uuid::new_v4().simple().to_string();
        let row = AccountRow::new(&id, name, subdomain, false);
        let mut commit = Commit::new(self, caller, "account.create", &id)?;
        let token = add_account(&mut commit, row.clone())?;
        commit.make().await?.ok_or_else(|| subdomain_taken(subdomain))?;
        Ok((row, token))
    }

    /// All accounts, in the order of their ids, behind one, as many as `limit`.
    pub async fn accounts_after(
        &self,
        caller: &Caller,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<AccountRow>, ControlError> {
        self.require_operator(caller).await?;
        let after = after.map(keys::account);
        self.list(keys::ACCOUNTS, Range { after: after.as_deref(), limit, newest_first: false }).await
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
        names::check_title("A token", name)?;
        let mut commit = Commit::new(self, caller, "token.create", name)?;
        let token = add_token(&mut commit, &caller.account, name, scope, expires)?;
        commit.make().await?.ok_or_else(super::too_busy)?;
        Ok(token)
    }

    /// The account's tokens that are not revoked, the oldest first.
    pub async fn tokens(&self, caller: &Caller) -> Result<Vec<TokenRow>, ControlError> {
        caller.require(Scope::Admin)?;
        let mut rows = self.list::<TokenRow>(keys::TOKENS, Range::ALL).await?;
        rows.retain(|row| row.account == caller.account && !row.is_revoked);
        rows.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(rows)
    }

    /// From now on the token opens nothing.
    pub async fn revoke_token(&self, caller: &Caller, id: &str) -> Result<(), ControlError> {
        caller.require(Scope::Admin)?;
        if id == caller.token {
            return Err(ControlError::conflict("A token cannot revoke itself: use another token with the scope admin"));
        }
        for (key, stored) in self.meta.scan(keys::TOKENS, Range::ALL).await? {
            let row: TokenRow = decode(&key, &stored.value)?;
            if row.id == id && row.account == caller.account && !row.is_revoked {
                let mut commit = Commit::new(self, caller, "token.revoke", id)?;
                commit.expect(&key, Some(stored.version)).put(&key, &TokenRow { is_revoked: true, ..row })?;
                commit.make().await?.ok_or_else(super::too_busy)?;
                return Ok(());
            }
        }
        Err(no_token(id))
    }
}

impl AccountRow {
    fn new(id: &str, name: &str, subdomain: &str, is_operator: bool) -> Self {
        let (id, name, subdomain) = (id.to_owned(), name.to_owned(), subdomain.to_owned());
        Self { id, name, subdomain, created: now(), is_operator }
    }
}

/// With its subdomain, which is its alone, and its first token.
fn add_account(commit: &mut Commit, row: AccountRow) -> Result<String, ControlError> {
    let (account, subdomain) = (keys::account(&row.id), keys::subdomain(&row.subdomain));
    commit.expect(&account, None).put(&account, &row)?;
    commit.expect(&subdomain, None).put(&subdomain, &row.id)?;
    add_token(commit, &row.id, "admin", Scope::Admin, None)
}

fn subdomain_taken(subdomain: &str) -> ControlError {
    ControlError::conflict(format!("Another account has the subdomain {subdomain:?}: choose another"))
}

fn no_token(id: &str) -> ControlError {
    ControlError::new(
        StatusCode::NOT_FOUND,
        10023,
        format!("The account has no token with the id {id}: the list of tokens shows their ids"),
    )
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
