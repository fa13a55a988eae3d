//! The commands of a developer against a `skerry serve`, and the `/v1` that they are made of.

#[path = "client/accounts.rs"]
mod accounts;
#[path = "client/aliases.rs"]
mod aliases;
#[path = "client/configured.rs"]
mod configured;
#[path = "client/live.rs"]
mod live;
#[path = "client/refused.rs"]
mod refused;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use serde_json::{Value, json};
use skerry_tests::client;
use skerry_tests::developer::{Developer, command, finish, worker};
use skerry_tests::project::{answering, write};
use skerry_tests::server::PATIENCE;

type Failure = Box<dyn std::error::Error>;

fn ids(versions: &Value) -> Vec<&str> {
    versions["versions"].as_array().into_iter().flatten().filter_map(|version| version["id"].as_str()).collect()
}

#[test]
fn the_example_is_deployed_and_answers() -> Result<(), Failure> {
    let developer = Developer::start()?;
    let folder = tempfile::tempdir()?;
    fs::copy(skerry_tests::repository().join("examples/hello/index.js"), folder.path().join("index.js"))?;
    developer.skerry(&folder, &["deploy", "--name", "hello", "--dry-run"])?.done(&["1 module", "dry run"])?;
    developer.skerry(&folder, &["versions", "list", "--name", "hello"])?.ended(1, &["no worker named \"hello\""])?;
    let host = "hello.workers.localhost";
    let url = format!("http://{host}:{}", developer.control.edge.port());
    let deployed = developer.skerry(&folder, &["deploy", "--name", "hello", "--message", "first", "--tag", "v1"])?;
    deployed.done(&["Bundled hello: 1 module", "Uploaded and checked", "Deployed hello, version ", &url])?;
    developer.control.until_status(host, "/", 200)?;
    let list = developer.skerry(&folder, &["versions", "list", "--name", "hello", "--json"])?.json()?;
    let version = &list["versions"][0];
    assert_eq!((ids(&list).len(), &version["message"], &version["tag"]), (1, &json!("first"), &json!("v1")), "{list}");
    assert_eq!(list["deployed"], json!([{ "version_id": version["id"], "percentage": 100.0 }]));
    developer.skerry(&folder, &["delete", "hello"])?.ended(2, &["--yes"])?;
    developer.control.until_status(host, "/", 200)?;
    developer.skerry(&folder, &["delete", "hello", "--yes"])?.done(&["Deleted hello"])?;
    developer.control.until_status(host, "/", 404)?;
    Ok(())
}

#[test]
fn versions_share_the_requests_and_are_rolled_back() -> Result<(), Failure> {
    let developer = Developer::start()?;
    let folder = worker("app", json!({}), "")?;
    let host = "app.workers.localhost";
    let first = developer.deploy(&folder, &answering("one"))?;
    developer.control.until(host, "/", "one")?;
    write(folder.path(), "index.js", &answering("two"))?;
    let uploaded = developer.skerry(&folder, &["versions", "upload", "--json"])?.json()?;
    let second = uploaded["id"].as_str().ok_or("no id")?;
    assert_eq!(developer.control.get(host, "/")?.text(), "one", "what is uploaded does not serve");
    developer.skerry(&folder, &["versions", "view", second])?.done(&[second, "main_module: worker.js"])?;
    let shares = [format!("{first}@50"), format!("{second}@50")];
    developer.skerry(&folder, &["versions", "deploy", &shares[0], &shares[1]])?.done(&[second, "serves 50"])?;
    developer.control.until(host, "/", "two")?;
    developer.control.until(host, "/", "one")?;
    developer.skerry(&folder, &["versions", "deploy", &shares[0]])?.ended(1, &["add up to 50"])?;
    developer.skerry(&folder, &["versions", "deploy", "x@y"])?.ended(2, &["no percentage"])?;
    developer.skerry(&folder, &["rollback"])?.done(&[&first, "serves 100"])?;
    let list = developer.skerry(&folder, &["versions", "list", "--json"])?.json()?;
    assert_eq!(list["deployed"], json!([{ "version_id": first, "percentage": 100.0 }]));
    developer.skerry(&folder, &["rollback"])?.ended(1, &["name the version"])?;
    developer.skerry(&folder, &["rollback", second, "--message", "again"])?.done(&[second])?;
    let list = developer.skerry(&folder, &["versions", "list"])?.done(&["\nDeployed 20", " by admin: again"])?;
    assert_eq!(list.out.lines().count(), 3, "{}", list.out);
    developer.control.until(host, "/", "two")?;
    developer.skerry(&folder, &["rollback"])?.done(&[&first])?;
    developer.control.until(host, "/", "one")?;
    Ok(())
}

#[test]
fn secrets_are_set_listed_and_deleted_but_not_read() -> Result<(), Failure> {
    let developer = Developer::start()?;
    let code = "export default { fetch: (_, env) => new Response(String(env.KEY) + env.LOCAL) };";
    let folder = worker("app", json!({}), code)?;
    // Stays on this machine.
    write(folder.path(), ".dev.vars", "LOCAL=local\n")?;
    let host = "app.workers.localhost";
    developer.deploy(&folder, code)?;
    developer.control.until(host, "/", "undefinedundefined")?;
    developer.reading(&folder, &["secret", "put", "KEY"], "")?.ended(2, &["KEY is empty"])?;
    developer.reading(&folder, &["secret", "put", "KEY"], "s e\n")?.done(&["KEY"])?;
    developer.control.until(host, "/", "s eundefined")?;
    developer.deploy(&folder, code)?;
    developer.control.until(host, "/", "s eundefined")?;
    let list = developer.skerry(&folder, &["secret", "list", "--json"])?.json()?;
    assert_eq!(list, json!({ "secrets": [{ "name": "KEY" }] }));
    developer.skerry(&folder, &["secret", "delete", "KEY"])?.done(&[])?;
    developer.control.until(host, "/", "undefinedundefined")?;
    developer.skerry(&folder, &["secret", "delete", "KEY"])?.ended(1, &["no secret named KEY"])?;
    Ok(())
}

#[test]
fn routes_come_from_the_configuration_or_the_command_and_belong_to_one_worker() -> Result<(), Failure> {
    let developer = Developer::start()?;
    let domain = json!({ "pattern": "own.test", "custom_domain": true });
    let staging = json!({ "routes": [], "workers_dev": true });
    let more = json!({ "routes": ["a.test/x/*", domain], "workers_dev": false, "env": { "staging": staging } });
    let folder = worker("first", more, &answering("first"))?;
    developer.skerry(&folder, &["deploy"])?.done(&["a.test/x/*", "own.test"])?;
    for host in ["a.test", "own.test"] {
        developer.control.until(host, "/x/y", "first")?;
    }
    developer.control.until_status("first.workers.localhost", "/", 404)?;
    // An environment is another worker: the first goes on.
    developer
        .skerry(&folder, &["deploy", "--env", "staging"])?
        .done(&["Deployed first-staging", "first-staging.workers.localhost"])?;
    developer.control.until("own.test", "/", "first")?;
    let other = worker("second", json!({}), &answering("second"))?;
    developer.skerry(&other, &["deploy"])?.done(&[])?;
    developer.skerry(&other, &["routes", "set", "b.test/*", "a.test/x/*"])?.ended(1, &["a.test/x/*", "\"first\""])?;
    developer.skerry(&other, &["domains", "set", "own.test"])?.ended(1, &["own.test", "\"first\""])?;
    developer.skerry(&other, &["routes", "set", "http://b.test/"])?.ended(1, &["not a route"])?;
    developer.skerry(&other, &["routes", "set"])?.ended(2, &["PATTERN"])?;
    developer.skerry(&other, &["routes", "set", "b.test/*"])?.done(&["b.test/*"])?;
    developer.control.until("b.test", "/", "second")?;
    assert_eq!(developer.skerry(&other, &["routes", "list", "--json"])?.json()?, json!({ "routes": ["b.test/*"] }));
    developer.skerry(&folder, &["routes", "set", "--none"])?.done(&[])?;
    developer.skerry(&other, &["routes", "set", "a.test/x/*"])?.done(&[])?;
    developer.control.until("a.test", "/x/y", "second")?;
    developer.control.until_status("b.test", "/", 404)?;
    developer.skerry(&other, &["domains", "set", "new.test"])?.done(&["new.test"])?;
    developer.control.until("new.test", "/", "second")?;
    assert_eq!(developer.skerry(&other, &["domains", "list", "--json"])?.json()?, json!({ "domains": ["new.test"] }));
    Ok(())
}

/// Ended when dropped.
struct Watching(Child);

impl Drop for Watching {
    fn drop(&mut self) {
        let _may_have_ended = self.0.kill();
        let _status = self.0.wait();
    }
}

#[test]
fn a_tail_shows_the_requests_it_is_asked_for() -> Result<(), Failure> {
    let developer = Developer::start()?;
    let code = "export default { fetch(request) { console.log('saw', request.url); return new Response('ok'); } };";
    let folder = worker("app", json!({}), code)?;
    developer.deploy(&folder, code)?;
    let host = "app.workers.localhost";
    developer.control.until(host, "/", "ok")?;
    let log = tempfile::NamedTempFile::new()?;
    let args = ["tail", "app", "--json", "--status", "ok", "--search", "/wanted"];
    let mut command = developer.command(folder.path(), &args, &developer.token);
    command.stdin(Stdio::null()).stdout(log.reopen()?).stderr(Stdio::null());
    let mut watching = Watching(command.spawn()?);
    let began = Instant::now();
    let event: Value = loop {
        developer.control.get(host, "/other")?;
        developer.control.get(host, "/wanted")?;
        let text = fs::read_to_string(log.path())?;
        if let Some(line) = text.split_inclusive('\n').find(|line| line.ends_with('\n')) {
            break serde_json::from_str(line)?;
        }
        assert!(began.elapsed() < PATIENCE, "no event came");
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    let url = event["event"]["request"]["url"].as_str().unwrap_or_default();
    assert!(url.ends_with("/wanted") && event["outcome"] == "ok", "{event}");
    assert!(event["logs"][0]["message"].to_string().contains("saw"), "{event}");
    assert!(Command::new("kill").args(["-INT", &watching.0.id().to_string()]).status()?.success());
    assert_eq!(watching.0.wait()?.code(), Some(0), "Ctrl-C is how it ends");
    developer.skerry(&folder, &["tail", "nobody"])?.ended(1, &["\"nobody\""])?;
    developer.skerry(&folder, &["tail", "--sampling-rate", "2"])?.ended(2, &["0 to 1"])?;
    Ok(())
}

#[test]
fn a_login_is_kept_for_its_own_control_plane_and_for_its_user_alone() -> Result<(), Failure> {
    let developer = Developer::start()?;
    let (home, folder) = (developer.home.path(), tempfile::tempdir()?);
    let api = format!("http://{}", developer.control.api);
    let run = |args: &[&str], input: &str| finish(command(home, folder.path(), args), input, args);
    run(&["whoami"], "")?.ended(2, &["run `skerry login --api URL --token TOKEN`"])?;
    run(&["login", "--api", &api], "sk_wrong\n")?.ended(1, &["Invalid API token"])?;
    run(&["whoami", "--api", &api], "")?.ended(2, &[&format!("no token for {api}")])?;
    run(&["login", "--api", &format!("{api}/")], &format!("{}\n", developer.token))?
        .done(&[&developer.control.account, "admin"])?;
    let file = home.join("config/skerry/credentials.json");
    assert_eq!(fs::metadata(&file)?.permissions().mode() & 0o777, 0o600);
    run(&["whoami"], "")?.done(&[&api, &developer.control.account])?;
    let who = run(&["whoami", "--json"], "")?.json()?;
    assert_eq!((&who["account"]["id"], &who["token"]["scope"]), (&json!(developer.control.account), &json!("admin")));
    // The token is not sent to another.
    run(&["whoami", "--api", "http://127.0.0.1:9"], "")?.ended(2, &["no token for http://127.0.0.1:9"])?;
    run(&["whoami", "--api", "http://127.0.0.1:9", "--token", "x"], "")?.ended(1, &["http://127.0.0.1:9 cannot be reached"])?;
    run(&["whoami", "--api", "ftp://a"], "")?.ended(2, &["no control plane"])?;
    run(&["whoami", "--token", "sk_wrong"], "")?.ended(1, &["Invalid API token"])?;
    run(&["logout"], "")?.done(&["Logged out"])?;
    run(&["whoami"], "")?.ended(2, &["skerry login"])?;
    assert!(!file.exists());
    Ok(())
}

#[test]
fn what_cannot_be_deployed_says_why() -> Result<(), Failure> {
    let developer = Developer::start()?;
    let folder = worker("app", json!({}), &answering("one"))?;
    developer.with_token(&folder, &["deploy"], "sk_wrong")?.ended(1, &["Invalid API token"])?;
    let made = developer.call("POST", "/tokens", &[], &json!({ "name": "viewer", "scope": "read" }))?.1;
    let read = made["token"].as_str().ok_or("no token")?;
    developer.with_token(&folder, &["whoami"], read)?.done(&["viewer", "read"])?;
    developer.with_token(&folder, &["deploy"], read)?.ended(1, &["scope read", "takes deploy"])?;
    let refused = developer.with_token(&folder, &["deploy", "--json"], read)?.ended(1, &[])?;
    assert_eq!(serde_json::from_str::<Value>(&refused.out)?["errors"][0]["code"], "forbidden");
    for args in [&["rollback"][..], &["versions", "list"], &["versions", "upload"], &["secret", "list"], &["routes", "list"]] {
        developer.skerry(&folder, args)?.ended(1, &["no worker named \"app\""])?;
    }
    write(folder.path(), "index.js", "export default {\n  fetch() { return new Response('a' }\n};\n")?;
    developer.skerry(&folder, &["deploy"])?.ended(2, &["index.js:2"])?;
    write(folder.path(), "index.js", "export default {};\nthrow new Error('at the start');\n")?;
    developer.skerry(&folder, &["deploy"])?.ended(1, &["at the start", "index.js:2"])?;
    developer.skerry(&folder, &["deploy", "--env", "nowhere"])?.ended(2, &["nowhere"])?;
    developer.skerry(&folder, &["deploy", "missing.js"])?.ended(2, &["missing.js"])?;
    developer.skerry(&tempfile::tempdir()?, &["versions", "list"])?.ended(2, &["--name"])?;
    assert_eq!(developer.call("GET", "/workers", &[], &Value::Null)?.1, json!({ "workers": [], "next": null }));
    Ok(())
}

#[test]
fn the_api_pages_its_lists_and_guards_what_was_read() -> Result<(), Failure> {
    let developer = Developer::start()?;
    let folder = worker("app", json!({}), "")?;
    let versions = [developer.deploy(&folder, &answering("one"))?, developer.deploy(&folder, &answering("two"))?];
    let (_, page) = developer.call("GET", "/workers/app/versions?limit=1", &[], &Value::Null)?;
    assert_eq!((ids(&page), &page["next"]), (vec![versions[1].as_str()], &json!(versions[1])));
    let (_, page) = developer.call("GET", &format!("/workers/app/versions?limit=1&after={}", versions[1]), &[], &Value::Null)?;
    assert_eq!((ids(&page), &page["next"]), (vec![versions[0].as_str()], &Value::Null));

    let (worker, _) = developer.call("GET", "/workers/app", &[], &Value::Null)?;
    let tag = worker.header("etag").ok_or("no ETag")?;
    let routes = json!({ "routes": ["a.test/*"] });
    let (answer, _) = developer.call("PUT", "/workers/app/routes", &[("if-match", &tag)], &routes)?;
    assert_eq!(answer.status, 200);
    let (answer, value) = developer.call("PUT", "/workers/app/routes", &[("if-match", &tag)], &json!({ "routes": [] }))?;
    assert_eq!((answer.status, &value["errors"][0]["code"]), (412, &json!("precondition_failed")));
    assert_eq!(developer.call("GET", "/workers/app/routes", &[], &Value::Null)?.1, routes);

    let deployment = json!({ "versions": [{ "version_id": versions[0], "percentage": 100 }] });
    let send = |body: &Value| developer.call("POST", "/workers/app/deployments", &[("idempotency-key", "once")], body);
    let (first, again) = (send(&deployment)?, send(&deployment)?);
    assert_eq!((first.0.status, &first.1), (201, &again.1), "the same key gives the same deployment");
    let other = json!({ "versions": [{ "version_id": versions[1], "percentage": 100 }] });
    assert_eq!(send(&other)?.0.status, 422, "a key is for one request");
    let (_, all) = developer.call("GET", "/workers/app/deployments", &[], &Value::Null)?;
    assert_eq!(all["deployments"].as_array().map(Vec::len), Some(3), "{all}");
    Ok(())
}

#[test]
fn the_api_words_every_refusal_alike_and_describes_itself() -> Result<(), Failure> {
    let developer = Developer::start()?;
    let cases = [
        ("GET", "/workers/none", "", 404, "worker_not_found"),
        ("GET", "/nothing", "", 404, "not_found"),
        ("PATCH", "/workers", "", 404, "not_found"),
        ("GET", "/workers?limit=0", "", 400, "invalid"),
        ("GET", "/workers?limit=x", "", 400, "invalid"),
        ("POST", "/workers/app/versions", "{", 400, "invalid"),
        ("POST", "/workers/app/versions", r#"{"main_module":"a.js","modules":[],"oops":1}"#, 400, "invalid"),
        ("POST", "/tokens", r#"{"name":"a","scope":"read","expires":"2001-01-01T00:00:00Z"}"#, 400, "invalid"),
        ("DELETE", "/tokens/none", "", 404, "token_not_found"),
    ];
    let bearer = format!("Bearer {}", developer.token);
    for (method, path, body, status, code) in cases {
        let headers = [("authorization", bearer.as_str())];
        let answer = client::request(developer.control.api, method, &format!("/v1{path}"), &headers, body.as_bytes())?;
        let value: Value = serde_json::from_slice(&answer.body)?;
        assert_eq!((answer.status, &value["errors"][0]["code"]), (status, &json!(code)), "{method} {path}: {value}");
        assert!(value["errors"][0]["message"].is_string() && value.as_object().map(serde_json::Map::len) == Some(1), "{value}");
    }
    let (answer, document) = developer.call("GET", "/openapi.json", &[], &Value::Null)?;
    assert_eq!((answer.status, &document["openapi"]), (200, &json!("3.1.0")));
    // Whatever is described is there, and closed to those without a token.
    let described: Vec<_> = document["paths"]
        .as_object()
        .into_iter()
        .flatten()
        .flat_map(|(path, operations)| operations.as_object().into_iter().flatten().map(move |(method, _)| (path, method)))
        .collect();
    // After 30 of them one has to wait.
    for some in described.chunks(30) {
        let developer = Developer::start()?;
        for (path, method) in some {
            let path = format!("/v1{}", path.replace(['{', '}'], ""));
            let answer = client::request(developer.control.api, &method.to_uppercase(), &path, &[], b"")?;
            let value: Value = serde_json::from_slice(&answer.body)?;
            assert_eq!((answer.status, &value["errors"][0]["code"]), (401, &json!("unauthenticated")), "{method} {path}");
        }
    }
    Ok(())
}

#[test]
fn tokens_are_shown_once_and_revoked() -> Result<(), Failure> {
    let developer = Developer::start()?;
    let folder = tempfile::tempdir()?;
    let (answer, made) = developer.call("POST", "/tokens", &[], &json!({ "name": "ci", "scope": "deploy" }))?;
    let (id, token) = (made["id"].as_str().ok_or("no id")?, made["token"].as_str().ok_or("no token")?);
    assert_eq!(answer.status, 201);
    let (_, list) = developer.call("GET", "/tokens", &[], &Value::Null)?;
    let names: Vec<_> = list["tokens"].as_array().into_iter().flatten().map(|token| token["name"].clone()).collect();
    assert_eq!(names, ["admin", "ci"]);
    assert!(!list.to_string().contains(token), "a token is shown once");
    let bearer = format!("Bearer {token}");
    let own = [("authorization", bearer.as_str())];
    let answer = client::request(developer.control.api, "GET", "/v1/tokens", &own, b"")?;
    assert_eq!(answer.status, 403, "tokens are for administrators");
    developer.with_token(&folder, &["whoami"], token)?.done(&["deploy"])?;
    assert_eq!(developer.call("DELETE", &format!("/tokens/{id}"), &[], &Value::Null)?.0.status, 204);
    developer.with_token(&folder, &["whoami"], token)?.ended(1, &["Invalid API token"])?;
    let (_, who) = developer.call("GET", "/whoami", &[], &Value::Null)?;
    let own = who["token"]["id"].as_str().ok_or("no id")?;
    assert_eq!(developer.call("DELETE", &format!("/tokens/{own}"), &[], &Value::Null)?.0.status, 409);
    Ok(())
}
