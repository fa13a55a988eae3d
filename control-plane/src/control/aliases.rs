//! Names that people give to versions: the newest version with a name is served at `NAME-WORKER.` and the host of the account.

use serde_json::Value;

use super::Control;
use crate::error::ControlError;
use crate::rows::{AliasRow, VersionRow, WorkerRow, keys};

/// Among a version's annotations, as wrangler sends it.
pub const ALIAS: &str = "workers/alias";
/// Of one worker; those that were given first go.
const ALIASES_MAX: usize = 20;
/// Of a name in DNS.
const LABEL_MAX: usize = 63;
/// Names of versions begin so.
const PREVIEW_DIGITS: usize = 8;

impl Control {
    /// Gives the version the name that it asks for, which it takes from an older one.
    pub(super) async fn put_alias(&self, worker: &mut WorkerRow, version: &VersionRow) -> Result<(), ControlError> {
        let alias = version.annotations.get(ALIAS).and_then(Value::as_str).unwrap_or_default();
        if alias.is_empty() {
            return Ok(());
        }
        let label = format!("{alias}-{}", worker.name);
        check(alias, &label)?;
        if self.read::<WorkerRow>(&keys::worker(&worker.account, &label)).await?.is_some() {
            return Err(ControlError::conflict(format!(
                "The alias {alias:?} would have the host of the worker {label:?}: choose another"
            )));
        }
        worker.aliases.retain(|row| row.alias != alias);
        worker.aliases.push(AliasRow { alias: alias.to_owned(), version_id: version.id.clone() });
        let too_many = worker.aliases.len().saturating_sub(ALIASES_MAX);
        worker.aliases.drain(..too_many);
        Ok(())
    }
}

fn check(alias: &str, label: &str) -> Result<(), ControlError> {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_preview = alias.len() == PREVIEW_DIGITS && alias.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_name =
        alias.starts_with(|first: char| first.is_ascii_lowercase()) && !alias.ends_with('-') && alias.bytes().all(is_inner);
    if is_name && !is_preview && !alias.starts_with("xn--") && label.len() <= LABEL_MAX {
        return Ok(());
    }
    Err(ControlError::invalid(format!(
        "{alias:?} cannot be an alias: a-z, 0-9 and -, beginning with a letter, no {PREVIEW_DIGITS} hexadecimal digits, at most {LABEL_MAX} characters with the worker's name"
    )))
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn an_alias_is_a_label_that_is_no_versions_own() {
        for good in ["staging", "pr-17", "a", "cafe"] {
            assert_eq!(check(good, &format!("{good}-app")), Ok(()), "{good}");
        }
        let long = "a".repeat(60);
        for bad in ["", "1", "-a", "a-", "A", "a_b", "a.b", "deadbeef", "xn--a", &long] {
            assert!(check(bad, &format!("{bad}-app")).is_err(), "{bad}");
        }
    }
}
