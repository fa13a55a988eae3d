//! Whose hosts are. All routes of a host are one account's, and so is all that a wildcard covers: a more specific route would take a part of
//! somebody else's site, and a wider one what its owner leaves out.

use std::collections::{BTreeMap, BTreeSet};

use http::StatusCode;

use super::{Commit, Control, decode};
use crate::error::ControlError;
use crate::meta::{Range, Transaction};
use crate::rows::{ClaimRow, HostRow, keys};

impl Control {
    /// Takes patterns that an account gives up, and those that it wants, into account.
    pub(super) async fn change_hosts(
        &self,
        commit: &mut Commit<'_>,
        account: &str,
        gone: &[&String],
        wanted: &[&String],
    ) -> Result<(), ControlError> {
        let mut changes: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        for pattern in gone {
            changes.entry(host_of(pattern)).or_default().0 += 1;
        }
        for pattern in wanted {
            changes.entry(host_of(pattern)).or_default().1 += 1;
        }
        let mut covering = BTreeSet::new();
        for (host, (gone, wanted)) in changes.into_iter().filter(|(_, (gone, wanted))| gone != wanted) {
            let key = keys::host(host);
            let found = self.read::<HostRow>(&key).await?;
            commit.expect(&key, found.as_ref().map(|(_, version)| *version));
            let before = match found {
                Some((row, _)) if row.account != account => return Err(taken(host)),
                Some((row, _)) => row.routes,
                None => {
                    self.check_new_host(commit, account, host, &mut covering).await?;
                    0
                }
            };
            match (before + wanted).saturating_sub(gone) {
                0 => drop(commit.delete(key)),
                routes => drop(commit.put(key, &HostRow { account: account.to_owned(), routes })?),
            }
        }
        Ok(())
    }

    async fn check_new_host(
        &self,
        commit: &mut Commit<'_>,
        account: &str,
        host: &str,
        covering: &mut BTreeSet<String>,
    ) -> Result<(), ControlError> {
        // Wildcards that cover it; they must still be as they are when this is done.
        let name = host.strip_prefix("*.").unwrap_or(host);
        for (at, _) in name.match_indices('.') {
            let key = keys::host(&format!("*{}", &name[at..]));
            if covering.insert(key.clone()) {
                let found = self.read::<HostRow>(&key).await?;
                if found.as_ref().is_some_and(|(row, _)| row.account != account) {
                    return Err(taken(host));
                }
                commit.expect(key, found.map(|(_, version)| version));
            }
        }
        if name.len() < host.len() {
            self.check_wildcard(commit, account, host, name).await?;
        }
        commit.put(keys::HOSTS, &())?;
        Ok(())
    }

    /// What it covers must be the account's own. New hosts rewrite one row, so that none comes in between.
    async fn check_wildcard(&self, commit: &mut Commit<'_>, account: &str, host: &str, name: &str) -> Result<(), ControlError> {
        if !name.contains('.') && !self.account(account).await?.is_operator {
            let text =
                format!("{host} cannot be claimed: it is a whole top-level domain. Name the domain, such as *.example.{name}");
            return Err(ControlError::new(StatusCode::BAD_REQUEST, 10022, text));
        }
        let newest = self.meta.get(keys::HOSTS).await?.map(|row| row.version);
        commit.expect(keys::HOSTS, newest);
        let beneath = self.list::<HostRow>(&format!("{}.", keys::host(name)), Range::ALL).await?;
        if beneath.iter().any(|row| row.account != account) {
            return Err(taken(host));
        }
        Ok(())
    }

    /// Stores from before hosts had rows get them.
    pub(super) async fn find_hosts(&self) -> Result<(), ControlError> {
        if self.meta.get(keys::HOSTS).await?.is_some() {
            return Ok(());
        }
        let mut hosts: BTreeMap<String, HostRow> = BTreeMap::new();
        for (key, row) in self.meta.scan(keys::CLAIMS, Range::ALL).await? {
            let claim: ClaimRow = decode(&key, &row.value)?;
            let host = host_of(key.strip_prefix(keys::CLAIMS).unwrap_or(&key));
            hosts.entry(keys::host(host)).or_insert(HostRow { account: claim.account, routes: 0 }).routes += 1;
        }
        let mut transaction = Transaction::default();
        transaction.expect(keys::HOSTS, None).put(keys::HOSTS, b"null".to_vec());
        for (key, row) in hosts {
            transaction.put(key, serde_json::to_vec(&row).map_err(|error| ControlError::internal(&error))?);
        }
        self.meta.commit(transaction).await?;
        Ok(())
    }
}

fn host_of(pattern: &str) -> &str {
    pattern.split('/').next().unwrap_or_default()
}

fn taken(host: &str) -> ControlError {
    let text = format!("The host {host}, or a part of what it covers, belongs to another account: choose another");
    ControlError::new(StatusCode::CONFLICT, 10020, text)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use async_trait::async_trait;
    use skerry_protocol::WorkerVersion;

    use super::*;
    use crate::blobs::BlobFolder;
    use crate::control::{Caller, Checker, NewTriggers};
    use crate::meta::SqliteMeta;
    use crate::rows::{AccountRow, Scope};
    use crate::seal::Keyring;

    type Failure = Box<dyn std::error::Error>;

    struct Nobody;

    #[async_trait]
    impl Checker for Nobody {
        async fn check(&self, _: &str, _version: WorkerVersion) -> Result<u64, String> {
            Ok(0)
        }
    }

    fn control(folder: &std::path::Path) -> Result<Control, Failure> {
        let (meta, blobs) = (SqliteMeta::open(&folder.join("meta.db"))?, BlobFolder::open(&folder.join("blobs"))?);
        let keys = Keyring::open(&folder.join("keys"))?;
        Ok(Control::new(Arc::new(meta), Arc::new(blobs), keys, Arc::new(Nobody), "workers.example.com".to_owned()))
    }

    async fn wants(control: &Control, account: &str, pattern: &str) -> Result<Option<u64>, ControlError> {
        let caller = Caller { account: account.to_owned(), token: String::new(), name: String::new(), scope: Scope::Admin };
        let mut commit = Commit::new(control, &caller, "test", "")?;
        control.change_hosts(&mut commit, account, &[], &[&pattern.to_owned()]).await?;
        commit.make().await
    }

    /// A store as it was when there was one account, and nothing was said of hosts.
    #[tokio::test]
    async fn hosts_of_older_stores_are_their_accounts() -> Result<(), Failure> {
        let folder = tempfile::tempdir()?;
        let control = control(folder.path())?;
        let mut before = Transaction::default();
        let claim = ClaimRow { account: "first".to_owned(), worker_id: String::new(), worker: String::new() };
        for pattern in ["a.test/*", "a.test/b", "*.wide.test/*"] {
            before.put(keys::claim(pattern), serde_json::to_vec(&claim)?);
        }
        let account = br#"{"id":"first","name":"default","subdomain":"workers","created":""}"#;
        before.put(keys::account("first"), account.to_vec());
        control.meta.commit(before).await?;
        assert_eq!(control.bootstrap().await?, None, "it has an account");
        assert!(control.account("first").await?.is_operator);

        for pattern in ["a.test/c", "x.wide.test/*", "*.x.wide.test/*"] {
            assert!(wants(&control, "second", pattern).await.is_err(), "{pattern}");
            assert!(wants(&control, "first", pattern).await?.is_some(), "{pattern}");
        }
        assert!(wants(&control, "second", "b.test/*").await?.is_some());
        let (row, _) = control.read::<HostRow>(&keys::host("a.test")).await?.ok_or("no row")?;
        assert_eq!((row.account.as_str(), row.routes), ("first", 3));
        // It is done once.
        control.bootstrap().await?;
        let (row, _) = control.read::<HostRow>(&keys::host("a.test")).await?.ok_or("no row")?;
        assert_eq!(row.routes, 3);
        Ok(())
    }

    /// A wildcard and a host that it covers, decided at the same time: whoever is later decides anew.
    #[tokio::test]
    async fn a_wildcard_and_what_it_covers_do_not_come_at_once() -> Result<(), Failure> {
        let folder = tempfile::tempdir()?;
        let control = control(folder.path())?;
        control.bootstrap().await?;
        for (first, second) in [("*.a.test/*", "x.a.test/*"), ("x.b.test/*", "*.b.test/*")] {
            let caller = |account: &str| Caller {
                account: account.to_owned(),
                token: String::new(),
                name: String::new(),
                scope: Scope::Admin,
            };
            let mut commits = Vec::new();
            for (account, pattern) in [("one", first), ("two", second)] {
                let mut commit = Commit::new(&control, &caller(account), "test", "")?;
                control.change_hosts(&mut commit, account, &[], &[&pattern.to_owned()]).await?;
                commits.push(commit);
            }
            let (later, sooner) = (commits.pop().ok_or("none")?, commits.pop().ok_or("none")?);
            assert!(sooner.make().await?.is_some(), "{first}");
            assert_eq!(later.make().await?, None, "{second}");
            assert!(wants(&control, "two", second).await.is_err_and(|error| error.status == StatusCode::CONFLICT), "{second}");
        }
        Ok(())
    }

    #[tokio::test]
    async fn no_wildcard_covers_the_hosts_of_workers() -> Result<(), Failure> {
        let folder = tempfile::tempdir()?;
        let control = control(folder.path())?;
        let routed = |pattern: &str| {
            control.checked_triggers(&NewTriggers { routes: Some(vec![pattern.to_owned()]), ..NewTriggers::default() })
        };
        for pattern in ["*.example.com", "*.com/*", "*.workers.example.com", "a.workers.example.com/x"] {
            assert!(routed(pattern).is_err_and(|error| error.message.contains("cannot be claimed")), "{pattern}");
        }
        for pattern in ["*.ample.com", "*.other.example.com", "example.com/*", "www.example.com"] {
            assert!(routed(pattern).is_ok(), "{pattern}");
        }
        Ok(())
    }

    #[test]
    fn what_a_wildcard_covers_is_in_one_place() {
        let wide = format!("{}.", keys::host("a.test"));
        for (host, is_covered) in [
            ("x.a.test", true),
            ("*.a.test", true),
            ("y.x.a.test", true),
            ("a.test", false),
            ("aa.test", false),
            ("a.test.b", false),
        ] {
            assert_eq!(keys::host(host).starts_with(&wide), is_covered, "{host}");
        }
        let row = AccountRow {
            id: String::new(),
            name: String::new(),
            subdomain: String::new(),
            created: String::new(),
            is_operator: false,
        };
        assert!(
            serde_json::to_string(&row).is_ok_and(|text| text.contains("\"is_operator\":false")),
            "it is said of those that are none"
        );
    }
}
