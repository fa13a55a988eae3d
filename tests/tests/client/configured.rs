//! What the wrangler configuration says beside the code.

use serde_json::{Value, json};
use skerry_tests::developer::{Developer, worker};
use skerry_tests::project::{answering, write};
use tempfile::TempDir;

use crate::Failure;

fn configure(folder: &TempDir, more: Value) -> Result<(), Failure> {
    let mut config = json!({ "name": "app", "main": "index.js", "compatibility_date": "2026-04-01" });
    for (key, value) in more.as_object().into_iter().flatten() {
        config[key] = value.clone();
    }
    Ok(write(folder.path(), "wrangler.json", &config.to_string())?)
}

#[test]
fn limits_and_crons_are_deployed_with_the_version() -> Result<(), Failure> {
    let developer = Developer::start()?;
    let more = json!({ "limits": { "cpu_ms": 20, "subrequests": 3 }, "triggers": { "crons": ["*/5 * * * *", "0 17 * * sun"] } });
    let folder = worker("app", more, &answering("one"))?;
    let made = developer.skerry(&folder, &["deploy", "--json", "--tag", "v1", "--message", "first"])?;
    assert!(made.err.contains("\"triggers.crons\" are kept, and are not run yet"), "{}", made.err);
    assert!(!made.err.contains("limits"), "{}", made.err);
    let version = made.json()?["version"].take();
    assert_eq!(version["limits"], json!({ "cpu_ms": 20, "subrequests": 3 }));
    assert_eq!((&version["tag"], &version["message"]), (&json!("v1"), &json!("first")));
    let crons =
        || -> Result<Value, Failure> { Ok(developer.call("GET", "/workers/app/crons", &[], &Value::Null)?.1["crons"].take()) };
    assert_eq!(crons()?, json!(["*/5 * * * *", "0 17 * * sun"]));

    // What is not named stays, and an empty list takes away.
    configure(&folder, json!({}))?;
    let again = developer.skerry(&folder, &["deploy", "--json"])?.json()?;
    assert_eq!((&again["version"]["limits"], crons()?), (&json!({}), json!(["*/5 * * * *", "0 17 * * sun"])));
    configure(&folder, json!({ "triggers": { "crons": [] } }))?;
    developer.skerry(&folder, &["deploy"])?.done(&[])?;
    assert_eq!(crons()?, json!([]));

    // A version that does not serve yet has limits of its own, and changes nothing else.
    configure(&folder, json!({ "limits": { "cpu_ms": 7 }, "triggers": { "crons": ["1 1 1 1 1"] }, "routes": ["a.test/*"] }))?;
    let kept = developer.skerry(&folder, &["versions", "upload", "--json"])?.json()?;
    assert_eq!((&kept["limits"], crons()?), (&json!({ "cpu_ms": 7 }), json!([])));
    assert_eq!(developer.control.get("a.test", "/")?.status, 404);
    Ok(())
}

#[test]
fn a_cpu_limit_of_the_configuration_holds() -> Result<(), Failure> {
    let developer = Developer::start()?;
    let code = "export default { fetch(request) {
        if (new URL(request.url).pathname === '/spin') for (let n = 0; n < 5e7; n++) Math.sqrt(n + performance.now());
        return new Response('ok');
    } };";
    let folder = worker("app", json!({ "limits": { "cpu_ms": 5 } }), code)?;
    developer.skerry(&folder, &["deploy"])?.done(&["live on 1/1 edges"])?;
    let answer = developer.control.get("app.workers.localhost", "/spin")?;
    assert_eq!((answer.status, answer.text().contains("worker_cpu_exceeded")), (503, true), "{}", answer.text());
    assert_eq!(developer.control.get("app.workers.localhost", "/")?.text(), "ok");
    Ok(())
}

#[test]
fn a_worker_with_routes_has_no_host_by_its_name_unless_it_is_asked_for() -> Result<(), Failure> {
    let developer = Developer::start()?;
    let folder = worker("app", json!({ "routes": ["a.test/*"] }), &answering("one"))?;
    let host = "app.workers.localhost";
    let statuses = || -> Result<[u16; 2], Failure> {
        Ok([developer.control.get("a.test", "/")?.status, developer.control.get(host, "/")?.status])
    };
    developer.skerry(&folder, &["deploy"])?.done(&["a.test/*"])?;
    assert_eq!(statuses()?, [200, 404]);
    configure(&folder, json!({ "routes": ["a.test/*"], "workers_dev": true }))?;
    developer.skerry(&folder, &["deploy"])?.done(&["a.test/*", host])?;
    assert_eq!(statuses()?, [200, 200]);
    configure(&folder, json!({ "workers_dev": false, "preview_urls": false }))?;
    let version = developer.deploy(&folder, &answering("one"))?;
    // Routes that are not named any more stay.
    assert_eq!(statuses()?, [200, 404]);
    assert_eq!(developer.control.get(&format!("{}-{host}", &version[..8]), "/")?.status, 404);
    configure(&folder, json!({}))?;
    developer.skerry(&folder, &["deploy"])?.done(&[host])?;
    assert_eq!(statuses()?, [200, 200]);
    Ok(())
}

#[test]
fn what_of_a_configuration_is_not_deployed_is_named() -> Result<(), Failure> {
    let developer = Developer::start()?;
    let folder = worker("app", json!({}), &answering("one"))?;
    configure(
        &folder,
        json!({
            "account_id": "x", "observability": { "enabled": true }, "logpush": true, "placement": { "mode": "smart" }, "minify": true,
            "limits": { "memory_mb": 1 }, "route": { "pattern": "a.test", "enabled": false }, "mian": 1, "compatibility_flags": ["nodejs_compat"],
        }),
    )?;
    let ran = developer.skerry(&folder, &["deploy"])?.done(&[])?;
    for expected in [
        "\"account_id\" is ignored: the account is that of the token",
        "\"observability\" is ignored",
        "\"logpush\" is ignored",
        "\"placement\" is ignored",
        "\"minify\" is ignored",
        "\"limits.memory_mb\" is ignored",
        "\"enabled\" of the route a.test is ignored",
        "unknown key \"mian\" is ignored",
        "nodejs_compat",
    ] {
        let is_told = ran.err.lines().any(|line| line.starts_with("skerry: warning: ") && line.contains(expected));
        assert!(is_told, "{expected}\n{}", ran.err);
    }
    configure(&folder, json!({ "kv_namespaces": [{ "binding": "NAMES", "id": "x" }] }))?;
    developer.skerry(&folder, &["deploy"])?.ended(2, &["\"kv_namespaces\" (NAMES) is not supported yet"])?;
    Ok(())
}

#[test]
fn deployed_vars_are_kept_where_it_is_asked_for() -> Result<(), Failure> {
    let developer = Developer::start()?;
    let code = "export default { fetch: (_, env) => new Response([env.A, env.B, JSON.stringify(env.C)].join()) };";
    let folder = worker("app", json!({ "vars": { "A": "1", "B": "1", "C": { "d": 1 } } }), code)?;
    let deployed = |more: Value, args: &[&str], expected: &str| -> Result<(), Failure> {
        configure(&folder, more)?;
        developer.skerry(&folder, &[&["deploy"], args].concat())?.done(&[])?;
        assert_eq!(developer.control.get("app.workers.localhost", "/")?.text(), expected);
        Ok(())
    };
    deployed(json!({ "vars": { "A": "1", "B": "1", "C": { "d": 1 } } }), &[], "1,1,{\"d\":1}")?;
    deployed(json!({ "vars": { "A": "2" } }), &["--keep-vars"], "2,1,{\"d\":1}")?;
    deployed(json!({ "vars": { "A": "3" }, "keep_vars": true }), &[], "3,1,{\"d\":1}")?;
    deployed(json!({ "vars": { "A": "4" } }), &[], "4,,")?;
    Ok(())
}
