//! Tokens, accounts, and what one account can do to another: nothing.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use skerry_tests::client;
use skerry_tests::developer::{Developer, worker};
use skerry_tests::project::answering;
use skerry_tests::server::PATIENCE;

use crate::Failure;

#[test]
fn tokens_are_made_listed_and_revoked_by_commands() -> Result<(), Failure> {
    let developer = Developer::start()?;
    let folder = tempfile::tempdir()?;
    developer.skerry(&folder, &["tokens", "create", "ci", "--scope", "deploy", "--dry-run"])?.done(&["ci", "dry run"])?;
    developer.skerry(&folder, &["tokens", "create", "ci"])?.ended(2, &["--scope"])?;
    developer.skerry(&folder, &["tokens", "create", "ci", "--scope", "all"])?.ended(2, &["read", "deploy", "admin"])?;
    developer.skerry(&folder, &["tokens", "create", "ci", "--scope", "read", "--expires", "soon"])?.ended(2, &["30d"])?;
    developer.skerry(&folder, &["tokens", "create", " ", "--scope", "read"])?.ended(1, &["A token's name"])?;
    let made =
        developer.skerry(&folder, &["tokens", "create", "ci", "--scope", "deploy", "--expires", "30d", "--json"])?.json()?;
    let (id, token) = (made["id"].as_str().ok_or("no id")?, made["token"].as_str().ok_or("no token")?);
    assert!(made["expires"].as_str().is_some_and(|expires| expires.starts_with("20")), "{made}");
    let shown = developer.skerry(&folder, &["tokens", "create", "viewer", "--scope", "read"])?.done(&["viewer", "sk_"])?;
    let viewer = shown.out.lines().last().unwrap_or_default();
    developer.with_token(&folder, &["whoami"], viewer)?.done(&["viewer", "read"])?;

    let list = developer.skerry(&folder, &["tokens", "list"])?.done(&["admin", "ci  until 20", "viewer", id])?;
    assert!(!list.out.contains("sk_") && list.out.lines().count() == 3, "{}", list.out);
    let listed = developer.skerry(&folder, &["tokens", "list", "--json"])?.json()?;
    assert_eq!(listed["tokens"].as_array().map(Vec::len), Some(3), "{listed}");
    for args in [&["tokens", "list"][..], &["tokens", "create", "x", "--scope", "read"], &["tokens", "revoke", id]] {
        developer.with_token(&folder, args, token)?.ended(1, &["scope deploy", "takes admin"])?;
    }
    developer.skerry(&folder, &["tokens", "revoke", id, "--dry-run"])?.done(&["ci", "dry run"])?;
    developer.with_token(&folder, &["whoami"], token)?.done(&["ci"])?;
    developer.skerry(&folder, &["tokens", "revoke", id])?.done(&["Revoked"])?;
    developer.with_token(&folder, &["whoami"], token)?.ended(1, &["Invalid API token"])?;
    for more in [&["--dry-run"][..], &[]] {
        developer.skerry(&folder, &[&["tokens", "revoke", id], more].concat())?.ended(1, &[id])?;
    }
    Ok(())
}

#[test]
fn lists_of_many_are_shown_whole() -> Result<(), Failure> {
    let developer = Developer::start()?;
    for number in 0..101 {
        let (answer, _) = developer.call("POST", "/tokens", &[], &json!({ "name": format!("t{number}"), "scope": "read" }))?;
        assert_eq!(answer.status, 201);
    }
    let listed = developer.skerry(&tempfile::tempdir()?, &["tokens", "list", "--json"])?.json()?;
    assert_eq!(listed["tokens"].as_array().map(Vec::len), Some(102));
    Ok(())
}

#[test]
fn a_token_ends_when_it_was_to() -> Result<(), Failure> {
    let developer = Developer::start()?;
    let folder = worker("app", json!({}), &answering("one"))?;
    let made =
        developer.skerry(&folder, &["tokens", "create", "short", "--scope", "deploy", "--expires", "2s", "--json"])?.json()?;
    let token = made["token"].as_str().ok_or("no token")?;
    let bearer = format!("Bearer {token}");
    let began = Instant::now();
    let ended = loop {
        let answer = client::request(developer.control.api, "GET", "/v1/whoami", &[("authorization", &bearer)], b"")?;
        if answer.status != 200 {
            break answer;
        }
        assert!(began.elapsed() < PATIENCE, "it still counts");
        thread::sleep(Duration::from_millis(50));
    };
    assert_eq!((ended.status, ended.text().contains("has expired")), (401, true), "{}", ended.text());
    developer.with_token(&folder, &["deploy"], token)?.ended(1, &["\"short\" has expired", "ask for a new one"])?;
    developer.skerry(&folder, &["versions", "list"])?.ended(1, &["no worker named \"app\""])?;
    Ok(())
}

/// An account beside the operator's: its id, and its administrator's token.
fn account(developer: &Developer, name: &str) -> Result<(String, String), Failure> {
    let args = ["accounts", "create", name, "--subdomain", name, "--json"];
    let made = developer.skerry(&tempfile::tempdir()?, &args)?.json()?;
    let text = |key: &str| made[key].as_str().map(str::to_owned).ok_or("it is missing");
    Ok((text("id")?, text("token")?))
}

#[test]
fn accounts_are_made_by_the_operator_alone() -> Result<(), Failure> {
    let developer = Developer::start()?;
    let folder = tempfile::tempdir()?;
    let create = |name: &str, subdomain: &str| developer.skerry(&folder, &["accounts", "create", name, "--subdomain", subdomain]);
    developer.skerry(&folder, &["accounts", "create", "x", "--subdomain", "x", "--dry-run"])?.done(&["dry run"])?;
    let (id, tenant) = account(&developer, "acme")?;
    create("other", "acme")?.ended(1, &["\"acme\"", "choose another"])?;
    create("other", "workers")?.ended(1, &["\"workers\"", "choose another"])?;
    for wrong in ["", "a.b", "A", "-a", "xn--a", "*", "a_b"] {
        developer
            .skerry(&folder, &["accounts", "create", "other", &format!("--subdomain={wrong}")])?
            .ended(1, &["cannot be an account's subdomain"])?;
    }
    create("", "empty")?.ended(1, &["An account's name"])?;
    let listed = developer.skerry(&folder, &["accounts", "list", "--json"])?.json()?;
    let mut names: Vec<_> =
        listed["accounts"].as_array().into_iter().flatten().map(|one| (&one["name"], &one["is_operator"])).collect();
    names.sort_by_key(|(name, _)| name.to_string());
    assert_eq!(names, [(&json!("acme"), &json!(false)), (&json!("default"), &json!(true))]);
    assert!(!listed.to_string().contains("sk_"), "{listed}");
    developer.skerry(&folder, &["accounts", "list"])?.done(&[&id, "acme", "default  (operator)"])?;

    // The administrator of another account is none of the place.
    let refused = ["operator's account", "ask one of them"];
    let cases: [&[&str]; 8] = [
        &["accounts", "list"],
        &["accounts", "create", "mine", "--subdomain", "mine"],
        &["accounts", "create", "mine", "--subdomain", "mine", "--dry-run"],
        &["edges", "invite", "evil"],
        &["edges", "invite", "evil", "--dry-run"],
        &["edges", "revoke", "nobody"],
        &["edges", "revoke", "local"],
        &["edges", "revoke", "00000000-0000-7000-8000-000000000000"],
    ];
    for args in cases {
        developer.with_token(&folder, args, &tenant)?.ended(1, &refused)?;
        let json = developer.with_token(&folder, &[args, &["--json"]].concat(), &tenant)?.ended(1, &[])?;
        assert_eq!(serde_json::from_str::<Value>(&json.out)?["errors"][0]["code"], "forbidden", "{args:?}");
    }
    let bearer = format!("Bearer {tenant}");
    for (method, path) in [
        ("GET", "/accounts"),
        ("POST", "/accounts"),
        ("POST", "/edges/enrolments"),
        ("DELETE", "/edges/00000000-0000-7000-8000-000000000000"),
    ] {
        let body = json!({ "name": "a", "subdomain": "a" });
        let body = if path == "/edges/enrolments" { json!({ "name": "a" }) } else { body };
        let path = format!("/v1{path}");
        let answer =
            client::request(developer.control.api, method, &path, &[("authorization", &bearer)], body.to_string().as_bytes())?;
        assert_eq!(answer.status, 403, "{method} {path}: {}", answer.text());
    }
    developer.skerry(&folder, &["edges", "invite", "Ams.1"])?.ended(1, &["\"Ams.1\" cannot be an edge's name"])?;
    // It makes tokens of its own account, also by wrangler's API.
    developer.with_token(&folder, &["tokens", "create", "ci", "--scope", "deploy"], &tenant)?.done(&["ci"])?;
    let listed = developer.skerry(&folder, &["tokens", "list", "--json"])?.json()?;
    assert_eq!(listed["tokens"].as_array().map(Vec::len), Some(1), "the operator's own alone: {listed}");
    for path in ["/accounts", "/memberships"] {
        let answer = developer.control.call(&tenant, "GET", path, ("", b""))?.text();
        assert!(answer.contains(&id) && !answer.contains(&developer.control.account), "{path}: {answer}");
    }
    Ok(())
}

#[test]
fn an_edge_is_shown_to_a_tenant_by_name_and_revision_alone() -> Result<(), Failure> {
    let developer = Developer::start()?;
    let (_, tenant) = account(&developer, "acme")?;
    let folder = tempfile::tempdir()?;
    let shown = developer.with_token(&folder, &["edges", "list", "--json"], &tenant)?.json()?;
    let keys: Vec<_> = shown["edges"][0].as_object().into_iter().flat_map(|edge| edge.keys()).collect();
    assert_eq!(keys, ["name", "revision", "heard_seconds_ago"], "{shown}");
    let all = developer.skerry(&folder, &["edges", "list", "--json"])?.json()?;
    assert_eq!((&all["edges"][0]["id"], &all["edges"][0]["is_revoked"]), (&json!("local"), &json!(false)), "{all}");
    let mine = worker("app", json!({}), &answering("acme"))?;
    developer.with_token(&mine, &["deploy"], &tenant)?.done(&["http://app.acme.localhost", "app is live on 1/1 edges in "])?;
    Ok(())
}

#[test]
fn tenants_neither_see_nor_change_nor_watch_each_others_workers() -> Result<(), Failure> {
    let developer = Developer::start()?;
    let (_, tenant) = account(&developer, "acme")?;
    let (ours, theirs) = (worker("app", json!({}), &answering("ours"))?, worker("app", json!({}), &answering("theirs"))?);
    let version = developer.deploy(&ours, &answering("ours"))?;
    developer.deploy(&ours, &answering("ours"))?;
    developer.reading(&ours, &["secret", "put", "KEY"], "value")?.done(&[])?;
    developer.skerry(&ours, &["routes", "set", "ours.test/*"])?.done(&[])?;
    developer.skerry(&ours, &["domains", "set", "own.test"])?.done(&[])?;

    // There is nothing by that name for anybody else.
    let cases: [&[&str]; 9] = [
        &["versions", "list"],
        &["versions", "view", &version],
        &["versions", "deploy", &version],
        &["rollback"],
        &["secret", "list"],
        &["secret", "delete", "KEY"],
        &["routes", "set", "--none"],
        &["tail"],
        &["delete", "app", "--yes"],
    ];
    for args in cases {
        developer.with_token(&theirs, args, &tenant)?.ended(1, &["no worker named \"app\""])?;
    }
    // One of the same name is another worker, and other accounts' versions are none of its own.
    developer.with_token(&theirs, &["deploy"], &tenant)?.done(&["http://app.acme.localhost"])?;
    assert_eq!(developer.control.get("app.acme.localhost", "/")?.text(), "theirs");
    for args in [&["versions", "view", &version][..], &["versions", "deploy", &version], &["rollback", &version]] {
        developer.with_token(&theirs, args, &tenant)?.ended(1, &["has no version"])?;
    }
    assert_eq!(developer.with_token(&theirs, &["secret", "list", "--json"], &tenant)?.json()?, json!({ "secrets": [] }));

    // Routes are not taken from others, whose names are not told.
    for pattern in ["ours.test/*", "OURS.test", "own.test/*"] {
        let ran =
            developer.with_token(&theirs, &["routes", "set", pattern], &tenant)?.ended(1, &["belongs to another account"])?;
        assert!(!ran.err.contains("\"app\""), "{}", ran.err);
        // A more specific one is refused as well.
        assert!(ran.err.contains("choose another host") && !ran.err.contains("more specific"), "{}", ran.err);
    }
    developer.with_token(&theirs, &["domains", "set", "own.test"], &tenant)?.ended(1, &["belongs to another account"])?;
    for host in ["app.workers.localhost", "*.workers.localhost", "workers.localhost", "x.acme.localhost"] {
        developer.with_token(&theirs, &["routes", "set", host], &tenant)?.ended(1, &["cannot be claimed"])?;
    }
    let routed = worker("app", json!({ "routes": ["free.test/*", "ours.test/*"] }), &answering("stolen"))?;
    developer.with_token(&routed, &["deploy"], &tenant)?.ended(1, &["ours.test/*", "another account"])?;
    assert_eq!(developer.control.get("free.test", "/")?.status, 404, "nothing of it is there");
    assert_eq!(developer.control.get("app.acme.localhost", "/")?.text(), "theirs", "nor its code");
    developer.with_token(&theirs, &["delete", "app", "--yes"], &tenant)?.done(&[])?;
    for host in ["app.workers.localhost", "ours.test", "own.test"] {
        assert_eq!(developer.control.get(host, "/")?.text(), "ours", "{host}");
    }
    Ok(())
}

#[test]
fn a_host_and_all_of_it_is_one_accounts() -> Result<(), Failure> {
    let developer = Developer::start()?;
    let (_, tenant) = account(&developer, "acme")?;
    let (_, third) = account(&developer, "third")?;
    let (ours, theirs) = (worker("app", json!({}), &answering("ours"))?, worker("app", json!({}), &answering("theirs"))?);
    developer.deploy(&ours, &answering("ours"))?;
    for token in [&tenant, &third] {
        developer.with_token(&theirs, &["deploy"], token)?.done(&[])?;
    }
    developer.skerry(&ours, &["routes", "set", "shop.test/a/*", "*.wide.test/*", "deep.one.test/*"])?.done(&[])?;
    let claim = |pattern: &str, token: &str| developer.with_token(&theirs, &["routes", "set", pattern], token);
    // More specific, or wider: both would have a part of what is ours.
    for pattern in
        ["shop.test/a/login/*", "shop.test/b", "*.shop.test/*", "x.wide.test/*", "a.x.wide.test", "*.x.wide.test", "*.one.test/*"]
    {
        let is_beside = pattern.starts_with("*.shop");
        match is_beside {
            true => drop(claim(pattern, &tenant)?.done(&[])?),
            false => drop(claim(pattern, &tenant)?.ended(1, &["belongs to another account", "choose another"])?),
        }
    }
    claim("*.test/*", &tenant)?.ended(1, &["a whole top-level domain"])?;
    // What is nobody's is whoever comes first's, and theirs to divide.
    claim("wide.test/*", &tenant)?.done(&[])?;
    claim("site.test/*", &tenant)?.done(&[])?;
    claim("site.test/x", &third)?.ended(1, &["belongs to another account"])?;
    let other = worker("other", json!({ "routes": ["site.test/x"] }), &answering("other"))?;
    developer.with_token(&other, &["deploy"], &tenant)?.done(&["site.test/x"])?;
    developer.with_token(&theirs, &["routes", "set", "--none"], &tenant)?.done(&[])?;
    claim("site.test/y", &third)?.ended(1, &["belongs to another account"])?;
    // Given up by the last of its routes, also with its worker, it is free.
    developer.with_token(&other, &["delete", "other", "--yes"], &tenant)?.done(&[])?;
    claim("site.test/y", &third)?.done(&[])?;
    claim("site.test/*", &tenant)?.ended(1, &["belongs to another account"])?;
    claim("site.test/*", &third)?.done(&[])?;
    developer.control.until("site.test", "/", "theirs")?;
    assert_eq!(developer.control.get("deep.one.test", "/")?.text(), "ours");
    Ok(())
}
