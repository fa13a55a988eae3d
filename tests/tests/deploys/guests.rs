//! Those who have no right to anything.

use serde_json::Value;
use skerry_tests::deploys::{FORM, Form, Site};

use crate::Failure;

/// What may be asked of a worker, with what is sent along.
const CALLS: &[(&str, &str, &str)] = &[
    ("GET", "/scripts", ""),
    ("GET", "/services/app", ""),
    ("DELETE", "/services/app", ""),
    ("DELETE", "/scripts/app", ""),
    ("GET", "/scripts/app/versions", ""),
    ("GET", "/scripts/app/versions/00000000-0000-4000-8000-000000000000", ""),
    ("GET", "/scripts/app/deployments", ""),
    ("POST", "/scripts/app/deployments", r#"{"versions":[]}"#),
    ("GET", "/scripts/app/settings", ""),
    ("GET", "/scripts/app/script-settings", ""),
    ("PATCH", "/scripts/app/script-settings", "{}"),
    ("GET", "/scripts/app/subdomain", ""),
    ("POST", "/scripts/app/subdomain", r#"{"enabled":false}"#),
    ("GET", "/scripts/app/secrets", ""),
    ("PUT", "/scripts/app/secrets", r#"{"name":"A","text":"a"}"#),
    ("DELETE", "/scripts/app/secrets/A", ""),
    ("PATCH", "/scripts/app/secrets-bulk", r#"{"secrets":{}}"#),
    ("PATCH", "/workers/app/versions/latest", r#"{"env":{}}"#),
    ("PUT", "/scripts/app/routes", "[]"),
    ("PUT", "/scripts/app/schedules", "[]"),
    ("POST", "/scripts/app/domains/changeset", "[]"),
    ("PUT", "/scripts/app/domains/records", r#"{"origins":[]}"#),
    ("POST", "/scripts/app/tails", "{}"),
    ("DELETE", "/scripts/app/tails/1", ""),
    ("GET", "/workers/app", ""),
    ("GET", "/subdomain", ""),
];

#[test]
fn another_account_is_nobodys_to_use() -> Result<(), Failure> {
    let site = Site::start()?;
    site.deploy("app", "kept")?;
    let stranger = "0123456789abcdef0123456789abcdef";
    for account in [stranger, "..", "%2e%2e", "%00", &site.account.to_uppercase(), &format!("{}%2f", site.account)] {
        for (method, path, body) in CALLS {
            let path = format!("/client/v4/accounts/{account}/workers{path}");
            let answer = site.call(&site.token, method, &path, ("application/json", body.as_bytes()))?;
            assert!([403, 404].contains(&answer.status), "{method} {path}: {} {}", answer.status, answer.text());
            assert!(account != stranger || answer.status == 403, "{method} {path}: {}", answer.status);
            let value: Value = serde_json::from_slice(&answer.body)?;
            assert_eq!(value["success"], false, "{method} {path}");
        }
        let form = Form::of("export default {}", Value::Null);
        for (method, path) in [("PUT", "/scripts/app"), ("POST", "/scripts/app/versions")] {
            let path = format!("/client/v4/accounts/{account}/workers{path}");
            let status = site.call(&site.token, method, &path, (FORM, &form))?.status;
            assert!([403, 404].contains(&status), "{method} {path}: {status}");
        }
    }
    site.until("app", "kept")?;
    Ok(())
}

#[test]
fn whoever_has_no_token_gets_nothing() -> Result<(), Failure> {
    let site = Site::start()?;
    site.deploy("app", "kept")?;
    // As many as may fail before one has to wait.
    let all = CALLS.iter().copied().chain([("GET", "/unknown", "")]);
    for (method, path, body) in all {
        let answer = site.call("", method, &site.path(path), ("application/json", body.as_bytes()))?;
        assert_eq!(answer.status, 401, "{method} {path}: {}", answer.text());
    }
    site.until("app", "kept")?;
    Ok(())
}

/// Sends wrong tokens until it has to wait. Gives how many were told that they are wrong.
fn guess(site: &Site) -> Result<usize, Failure> {
    for count in 0..100 {
        let answer = site.call(&format!("sk_{count}"), "GET", "/client/v4/user/tokens/verify", ("text/plain", b""))?;
        match answer.status {
            401 => {}
            429 => return Ok(count),
            other => return Err(format!("{other} {}", answer.text()).into()),
        }
    }
    Err("nobody has to wait".into())
}

#[test]
fn whoever_guesses_tokens_has_to_wait_and_workers_are_served_meanwhile() -> Result<(), Failure> {
    let site = Site::start()?;
    site.deploy("app", "kept")?;
    assert_eq!(guess(&site)?, 30);
    assert_eq!(site.call("sk_more", "GET", &site.path("/scripts"), ("text/plain", b""))?.status, 429);
    site.until("app", "kept")?;
    Ok(())
}

#[test]
fn a_right_token_counts_while_wrong_ones_from_the_same_address_wait() -> Result<(), Failure> {
    let site = Site::start()?;
    guess(&site)?;
    site.check_deploys("app")?;
    Ok(())
}
