//! What cannot be used is refused with the mend, by the commands and by the API, and leaves nothing.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use skerry_tests::client;
use skerry_tests::developer::{Developer, worker};
use skerry_tests::project::{answering, write};

use crate::Failure;

const NOTHING: &str = "00000000-0000-4000-8000-000000000000";

fn version(modules: &[(&str, &str, &[u8])], more: Value) -> Value {
    let module = |(name, kind, content): &(&str, &str, &[u8])| json!({ "name": name, "kind": kind, "content_base64": STANDARD.encode(content) });
    let mut body = json!({ "main_module": "index.js", "modules": modules.iter().map(module).collect::<Vec<_>>() });
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    body
}

/// Asks the API, which is to refuse in JSON.
fn refused(developer: &Developer, call: (&str, &str, &Value), status: u16, code: &str, says: &str) -> Result<(), Failure> {
    let (method, path, body) = call;
    let (answer, value) = developer.call(method, path, &[], body)?;
    let error = &value["errors"][0];
    let message = error["message"].as_str().unwrap_or_default();
    assert_eq!((answer.status, error["code"].as_str()), (status, Some(code)), "{method} {path}: {value}");
    assert!(message.contains(says), "{method} {path}: {message:?} does not say {says:?}");
    assert_eq!(answer.header("content-type").as_deref(), Some("application/json"));
    Ok(())
}

#[test]
fn uploads_that_cannot_be_served_say_why_and_leave_nothing() -> Result<(), Failure> {
    let developer = Developer::start()?;
    let good = answering("good");
    let main = ("index.js", "es_module", good.as_bytes());
    let large = vec![b'x'; 65 << 20];
    let lost = format!("import './lost.js';\n{good}");
    let path = "/workers/app/versions?deploy=true";
    let cases: [(&str, Value, u16, &str, &str); 7] = [
        ("/workers/Bad.Name/versions?deploy=true", version(&[main], json!({})), 400, "invalid", "a-z, 0-9"),
        (path, version(&[main, ("large.txt", "text", &large)], json!({})), 413, "too_large", "65 MB together"),
        (path, version(&[("index.js", "es_module", lost.as_bytes())], json!({})), 400, "invalid", "lost.js"),
        (path, version(&[main], json!({ "triggers": { "crons": ["99 99 * * *"] } })), 400, "invalid", "\"99\" is no minute"),
        (path, version(&[main], json!({ "triggers": { "routes": ["http://a.test"] } })), 400, "invalid", "is not a route"),
        (path, version(&[main], json!({ "limits": { "cpu_ms": -1 } })), 400, "invalid", "invalid value"),
        (
            "/workers/app/versions",
            version(&[main], json!({ "triggers": { "routes": ["a.test"] } })),
            400,
            "invalid",
            "deploy=true",
        ),
    ];
    for (path, body, status, code, says) in &cases {
        refused(&developer, ("POST", path, body), *status, code, says)?;
    }

    // The same by the command.
    let folder = worker("app", json!({}), &good)?;
    developer
        .skerry(&folder, &["deploy", "--name", "Bad.Name"])?
        .ended(1, &["\"Bad.Name\" cannot be a worker's name", "a-z, 0-9"])?;
    let with = |more: Value| worker("app", more, &good);
    let crons = json!({ "triggers": { "crons": ["99 99 * * *"] } });
    developer.skerry(&with(crons)?, &["deploy"])?.ended(1, &["\"99 99 * * *\" is not a cron expression", "from 0 to 59"])?;
    let routes = json!({ "routes": ["http://a.test"] });
    developer.skerry(&with(routes)?, &["deploy"])?.ended(1, &["is not a route", "example.com/api/*"])?;
    developer.skerry(&with(json!({ "limits": { "cpu_ms": 0 } }))?, &["deploy"])?.ended(2, &["limits.cpu_ms", "above 0"])?;
    write(folder.path(), "index.js", &lost)?;
    developer.skerry(&folder, &["deploy"])?.ended(2, &["lost.js", "index.js:1"])?;
    let rules = with(json!({ "rules": [{ "type": "Text", "globs": ["**/*.txt"] }] }))?;
    write(rules.path(), "index.js", &format!("import text from './large.txt';\n{}", good.replace("\"good\"", "text")))?;
    std::fs::write(rules.path().join("large.txt"), &large)?;
    developer.skerry(&rules, &["deploy"])?.ended(1, &["65 MB together", "may take 64"])?;
    assert_eq!(developer.call("GET", "/workers", &[], &Value::Null)?.1, json!({ "workers": [], "next": null }));
    Ok(())
}

#[test]
fn changes_of_what_is_not_there_or_anothers_are_refused_as_a_whole() -> Result<(), Failure> {
    let developer = Developer::start()?;
    let holder = worker("holder", json!({ "routes": ["a.test/*"] }), &answering("holder"))?;
    developer.skerry(&holder, &["deploy"])?.done(&["a.test/*"])?;
    let folder = worker("app", json!({}), &answering("app"))?;
    let good = answering("app");
    let body =
        version(&[("index.js", "es_module", good.as_bytes())], json!({ "triggers": { "routes": ["b.test/*", "a.test"] } }));
    let owner = "a.test/* belongs to the worker \"holder\": remove it there";
    refused(&developer, ("POST", "/workers/app/versions?deploy=true", &body), 409, "conflict", owner)?;
    let greedy = worker("app", json!({ "routes": ["b.test/*", "a.test"] }), &answering("app"))?;
    developer.skerry(&greedy, &["deploy"])?.ended(1, &[owner])?;
    // Not even the worker.
    refused(&developer, ("GET", "/workers/app", &Value::Null), 404, "worker_not_found", "deploy it first")?;
    refused(
        &developer,
        ("PUT", "/workers/app/secrets/KEY", &json!({ "text": "x" })),
        404,
        "worker_not_found",
        "deploy it first",
    )?;
    developer.reading(&folder, &["secret", "put", "KEY"], "x")?.ended(1, &["no worker named \"app\"", "deploy it first"])?;

    let id = developer.deploy(&folder, &good)?;
    assert_eq!(developer.control.get("b.test", "/")?.status, 404);
    refused(&developer, ("PUT", "/workers/app/routes", &json!({ "routes": ["b.test/*", "a.test"] })), 409, "conflict", owner)?;
    let shares = |shares: &[(&str, f64)]| {
        let share = |(id, percentage): &(&str, f64)| json!({ "version_id": id, "percentage": percentage });
        json!({ "versions": shares.iter().map(share).collect::<Vec<_>>() })
    };
    let deployments =
        |body: Value, status, code, says| refused(&developer, ("POST", "/workers/app/deployments", &body), status, code, says);
    deployments(shares(&[(&id, 60.0)]), 400, "invalid", "add up to 60, and must add up to 100")?;
    deployments(shares(&[(&id, 50.0), (&id, 50.0)]), 400, "invalid", "given twice")?;
    deployments(shares(&[(NOTHING, 100.0)]), 404, "version_not_found", "`versions list` shows")?;
    developer.skerry(&folder, &["versions", "deploy", &format!("{id}@60")])?.ended(1, &["must add up to 100"])?;
    developer.skerry(&folder, &["versions", "deploy", NOTHING])?.ended(1, &["`versions list` shows"])?;
    developer.skerry(&folder, &["rollback", NOTHING])?.ended(1, &["`versions list` shows"])?;
    refused(&developer, ("PUT", "/workers/app/crons", &json!({ "crons": ["* * *"] })), 400, "invalid", "it has 3 fields")?;
    let (_, worker) = developer.call("GET", "/workers/app", &[], &Value::Null)?;
    let expected = (json!([]), json!([]), json!(1), json!([{ "version_id": id, "percentage": 100.0 }]));
    let found = (&worker["routes"], &worker["crons"], &worker["version_count"], &worker["deployed"]);
    assert_eq!(found, (&expected.0, &expected.1, &expected.2, &expected.3));
    let (_, deployments) = developer.call("GET", "/workers/app/deployments", &[], &Value::Null)?;
    assert_eq!(deployments["deployments"].as_array().map(Vec::len), Some(1), "{deployments}");
    Ok(())
}

#[test]
fn tokens_that_may_not_change_nothing() -> Result<(), Failure> {
    let developer = Developer::start()?;
    let folder = worker("app", json!({}), &answering("one"))?;
    developer.deploy(&folder, &answering("one"))?;
    let made = developer.skerry(&folder, &["tokens", "create", "viewer", "--scope", "read", "--json"])?.json()?;
    let viewer = made["token"].as_str().ok_or("no token")?;
    let writes: [(&str, &str, Value); 9] = [
        ("POST", "/workers/app/versions?deploy=true", version(&[("index.js", "es_module", b"export default {}")], json!({}))),
        ("POST", "/workers/app/deployments", json!({ "versions": [{ "version_id": NOTHING, "percentage": 100 }] })),
        ("POST", "/workers/app/rollback", json!({ "version_id": NOTHING })),
        ("PUT", "/workers/app/secrets/KEY", json!({ "text": "x" })),
        ("PUT", "/workers/app/routes", json!({ "routes": [] })),
        ("PUT", "/workers/app/domains", json!({ "domains": [] })),
        ("PUT", "/workers/app/crons", json!({ "crons": [] })),
        ("PUT", "/workers/app/hosts", json!({ "enabled": false })),
        ("DELETE", "/workers/app", Value::Null),
    ];
    for (method, path, body) in &writes {
        for (token, status, code) in [(viewer, 403, "forbidden"), ("sk_wrong", 401, "unauthenticated")] {
            let bearer = format!("Bearer {token}");
            // A key of a request that may not be made is worth nothing.
            let headers = [("authorization", bearer.as_str()), ("idempotency-key", "key")];
            let text = body.to_string();
            let answer = client::request(developer.control.api, method, &format!("/v1{path}"), &headers, text.as_bytes())?;
            let value: Value = serde_json::from_slice(&answer.body)?;
            assert_eq!((answer.status, &value["errors"][0]["code"]), (status, &json!(code)), "{method} {path}: {value}");
        }
    }
    let (_, worker) = developer.call("GET", "/workers/app", &[], &Value::Null)?;
    assert_eq!((&worker["version_count"], &worker["url"].is_string()), (&json!(1), &true));
    assert_eq!(developer.control.get("app.workers.localhost", "/")?.text(), "one");
    Ok(())
}
