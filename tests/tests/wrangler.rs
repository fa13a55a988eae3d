//! The npm `wrangler` as it is, pointed at `skerry serve` by nothing but its environment: control-plane/wrangler.md.

#[path = "wrangler/objects.rs"]
mod objects;
#[path = "wrangler/refusals.rs"]
mod refusals;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use skerry_tests::project::{answering, project, write};
use skerry_tests::server::PATIENCE;
use skerry_tests::wrangler::{Control, Ran, Running};
use tempfile::TempDir;

type Failure = Box<dyn std::error::Error>;

/// A configuration for one module as it is, reached under the worker's name and, each of its versions, under their previews' names.
/// A change to null takes a key away.
fn config(name: &str, more: Value) -> String {
    let mut config = json!({
        "name": name, "main": "index.js", "compatibility_date": "2026-04-01", "no_bundle": true, "workers_dev": true, "preview_urls": true,
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        config[key] = value.clone();
    }
    config.as_object_mut().into_iter().for_each(|config| config.retain(|_, value| !value.is_null()));
    config.to_string()
}

fn worker(name: &str, code: &str, more: Value) -> Result<TempDir, Failure> {
    Ok(project(&[("wrangler.json", &config(name, more)), ("index.js", code)])?)
}

fn deploy(control: &Control, project: &TempDir) -> Result<Ran, Failure> {
    Ok(control.wrangler(project.path(), &["deploy"])?.succeeded()?)
}

/// Deploys the project again, its module replaced.
fn deploy_code(control: &Control, project: &TempDir, code: &str) -> Result<Ran, Failure> {
    write(project.path(), "index.js", code)?;
    deploy(control, project)
}

/// What the host answers from before some work until after it, neighbours that are equal left out.
fn answers_during<T>(
    control: &Control,
    host: &str,
    work: impl FnOnce() -> Result<T, Failure>,
) -> Result<(T, Vec<String>), Failure> {
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| -> anyhow::Result<Vec<String>> {
            let mut answers = vec![control.get(host, "/")?.text()];
            while !is_over.load(Ordering::Relaxed) {
                answers.push(control.get(host, "/")?.text());
                answers.dedup();
                std::thread::sleep(Duration::from_millis(2));
            }
            Ok(answers)
        });
        let done = work();
        // An old answer that comes late would come now.
        std::thread::sleep(Duration::from_millis(300));
        is_over.store(true, Ordering::Relaxed);
        let answers = asking.join().map_err(|_| "asking panicked")??;
        Ok((done?, answers))
    })
}

/// A call of the API, whatever comes back; every answer must have the envelope that `wrangler` reads.
fn call(control: &Control, token: &str, method: &str, path: &str, body: (&str, &[u8])) -> Result<(u16, Value), Failure> {
    let answer = control.call(token, method, path, body)?;
    let what = format!("{method} {path}: {} {}", answer.status, answer.text());
    let value: Value = serde_json::from_slice(&answer.body).map_err(|_| what.clone())?;
    let error = &value["errors"][0];
    let is_error = error["code"].is_u64() && error["message"].as_str().is_some_and(|message| !message.is_empty());
    assert_eq!(value["success"], json!(answer.status < 300), "{what}");
    assert_eq!(is_error, answer.status >= 300, "{what}");
    Ok((answer.status, value))
}

/// A call within the account, as its owner, typed as `wrangler` types some: nobody may look at that.
fn account(control: &Control, method: &str, path: &str, body: &str) -> Result<(u16, Value), Failure> {
    let path = format!("/accounts/{}/workers{path}", control.account);
    call(control, &control.token, method, &path, ("text/plain;charset=UTF-8", body.as_bytes()))
}

/// What a call that must succeed gives.
fn result(control: &Control, path: &str) -> Result<Value, Failure> {
    let (status, mut value) = account(control, "GET", path, "")?;
    assert_eq!(status, 200, "{path}: {value}");
    Ok(value["result"].take())
}

/// The status and the code of the first error, or 0.
fn outcome((status, value): (u16, Value)) -> (u16, u64) {
    (status, value["errors"][0]["code"].as_u64().unwrap_or_default())
}

const NO_WORKER: (u16, u64) = (404, 10007);

#[test]
fn whoami_names_the_account_and_a_wrong_token_changes_nothing() -> Result<(), Failure> {
    let control = Control::start()?;
    let project = worker("app", &answering("one"), json!({}))?;
    control.wrangler(project.path(), &["whoami"])?.succeeded()?.says(&[&control.account])?;
    for args in [["whoami"], ["deploy"]] {
        let ran = control.spawn(project.path(), &args, "sk_wrong", "")?.finish()?.failed()?.says(&["[code: 10001]"])?;
        assert_eq!(ran.err.matches("[ERROR]").count(), 1, "{ran}");
        ran.never_says("sk_wrong")?;
    }
    assert_eq!(outcome(account(&control, "GET", "/services/app", "")?), NO_WORKER);
    assert_eq!(result(&control, "/scripts")?, json!([]));
    Ok(())
}

#[test]
fn a_bundled_worker_is_deployed_with_its_modules_and_vars_and_replaced_without_a_gap() -> Result<(), Failure> {
    let control = Control::start()?;
    // Adds two numbers.
    let wasm = "\0asm\x01\0\0\0\x01\x07\x01\x60\x02\x7f\x7f\x01\x7f\x03\x02\x01\0\x07\x07\x01\x03add\0\0\
                \x0a\x09\x01\x07\0\x20\0\x20\x01\x6a\x0b";
    let code = |greeting: &str| {
        format!(
            "import text from './deep/text.txt';\nimport wasm from './add.wasm';\nimport {{ join }} from './lib';\n\
             const {{ add }} = new WebAssembly.Instance(wasm).exports as any;\n\
             export default {{ fetch(request: Request, env: any): Response {{\n\
               return new Response(join({greeting:?}, text.trim(), env.WHO, JSON.stringify(env.LIST), add(40, 2)));\n}} }};\n"
        )
    };
    let changes = json!({ "main": "src/index.ts", "no_bundle": false, "vars": { "WHO": "you", "LIST": { "a": [1, 2] } } });
    let project = project(&[
        ("wrangler.json", &config("bundled", changes)),
        ("src/index.ts", &code("hello")),
        ("src/lib.ts", "export const join = (...all: unknown[]): string => all.join(' ');\n"),
        ("src/deep/text.txt", "from a file\n"),
        ("src/add.wasm", wasm),
    ])?;
    let host = "bundled.workers.localhost";
    let first = deploy(&control, &project)?.says(&[host, "Uploaded bundled"])?.version()?;
    let answer = r#"hello from a file you {"a":[1,2]} 42"#;
    control.until(host, "/", answer)?;
    write(project.path(), "src/index.ts", &code("good evening"))?;
    let changed = answer.replace("hello", "good evening");
    let (second, answers) = answers_during(&control, host, || {
        let second = deploy(&control, &project)?.version()?;
        control.until(host, "/", &changed)?;
        Ok(second)
    })?;
    assert_ne!(first, second);
    assert_eq!(answers, [answer, &changed], "old, then new, and nothing else");
    Ok(())
}

#[test]
fn a_version_is_previewed_then_shares_the_requests_then_has_them_all() -> Result<(), Failure> {
    let control = Control::start()?;
    let project = worker("gradual", &answering("old"), json!({}))?;
    let host = "gradual.workers.localhost";
    let old = deploy(&control, &project)?.version()?;
    control.until(host, "/", "old")?;
    write(project.path(), "index.js", &answering("new"))?;
    let upload = ["versions", "upload", "--message", "the new one", "--preview-alias", "staging"];
    let uploaded = control.wrangler(project.path(), &upload)?.succeeded()?;
    let new = uploaded.version()?;
    let preview = |version: &str| format!("{}-{host}", &version[..8]);
    uploaded.says(&["Version Preview URL:", &preview(&new)])?;
    control.until(&preview(&new), "/", "new")?;
    control.until(&format!("staging-{host}"), "/", "new")?;
    control.until(&preview(&old), "/", "old")?;
    assert_eq!(control.get(host, "/")?.text(), "old");

    let list = control.wrangler(project.path(), &["versions", "list"])?.succeeded()?.says(&["the new one"])?.out;
    let (older, newer) = (list.find(&old), list.find(&new));
    assert!(older.is_some() && older < newer, "the newest comes last:\n{list}");
    assert_eq!(
        result(&control, "/scripts/gradual/versions?deployable=true")?["items"][0]["id"],
        json!(new),
        "the newest comes first"
    );

    let half = [&format!("{old}@50%"), &format!("{new}@50%")];
    control.wrangler(project.path(), &["versions", "deploy", half[0], half[1], "-y"])?.succeeded()?;
    let answers = |count: usize| (0..count).map(|_| Ok(control.get(host, "/")?.text())).collect::<Result<Vec<_>, Failure>>();
    let deadline = Instant::now() + PATIENCE / 4;
    while answers(40)?.into_iter().collect::<BTreeSet<_>>().len() < 2 {
        assert!(Instant::now() < deadline, "only one of the versions answers");
    }
    let news = answers(400)?.iter().filter(|answer| *answer == "new").count();
    assert!((100..=300).contains(&news), "{news} of 400 requests went to a version that has half of them");

    control.wrangler(project.path(), &["versions", "deploy", &format!("{new}@100%"), "-y"])?.succeeded()?;
    control.until(host, "/", "new")?;
    // One right answer may have been luck.
    std::thread::sleep(Duration::from_millis(200));
    assert!(answers(100)?.iter().all(|answer| answer == "new"), "the old version is still asked");
    Ok(())
}

#[test]
fn a_rollback_brings_the_old_answer_back_and_is_the_newest_deployment() -> Result<(), Failure> {
    let control = Control::start()?;
    let project = worker("back", &answering("one"), json!({}))?;
    let host = "back.workers.localhost";
    let first = deploy(&control, &project)?.version()?;
    let second = deploy_code(&control, &project, &answering("two"))?.version()?;
    control.until(host, "/", "two")?;
    control.wrangler(project.path(), &["rollback", "-m", "two was wrong"])?.succeeded()?.says(&[&first])?;
    control.until(host, "/", "one")?;

    let status = control.wrangler(project.path(), &["deployments", "status"])?.succeeded()?;
    status.says(&[&first, "two was wrong", "(100%)"])?.never_says(&second)?;
    let list = control.wrangler(project.path(), &["deployments", "list"])?.succeeded()?.out;
    assert!(list.find(&second).is_some_and(|at| list[at..].contains("two was wrong")), "the newest comes last:\n{list}");
    let deployments = result(&control, "/scripts/back/deployments")?["deployments"].take();
    let versions: Vec<_> = deployments.as_array().into_iter().flatten().map(|one| &one["versions"][0]["version_id"]).collect();
    assert_eq!(versions, [&json!(first), &json!(second), &json!(first)], "the newest comes first: {deployments}");
    Ok(())
}

const TELLS_TOKEN: &str = "export default { fetch: (request, env) => new Response(env.TOKEN ?? 'none') };\n";

#[test]
fn a_secret_is_there_at_once_outlives_a_deploy_and_is_never_shown() -> Result<(), Failure> {
    let control = Control::start()?;
    let project = worker("keeper", TELLS_TOKEN, json!({}))?;
    let host = "keeper.workers.localhost";
    let secret = "s3cr3t-that-nobody-reads";
    deploy(&control, &project)?;
    control.until(host, "/", "none")?;
    let put = control.wrangler_reading(project.path(), &["secret", "put", "TOKEN"], &format!("{secret}\n"))?;
    put.succeeded()?.says(&["Success! Uploaded secret TOKEN"])?.never_says(secret)?;
    control.until(host, "/", secret)?;
    control.wrangler(project.path(), &["secret", "list"])?.succeeded()?.says(&["TOKEN", "secret_text"])?.never_says(secret)?;
    let version = deploy_code(&control, &project, &TELLS_TOKEN.replace("??", "+ '!' ??"))?.version()?;
    control.until(host, "/", &format!("{secret}!"))?;
    for path in ["settings", "secrets", "versions", "deployments", &format!("versions/{version}")] {
        let answer = result(&control, &format!("/scripts/keeper/{path}"))?.to_string();
        assert!(!answer.contains(secret), "{path}: {answer}");
    }
    assert!(!control.printed().contains(secret), "the server logs a secret");
    control.wrangler(project.path(), &["secret", "delete", "TOKEN"])?.succeeded()?;
    control.until(host, "/", "undefined!")?;
    assert_eq!(result(&control, "/scripts/keeper/secrets")?, json!([]));
    Ok(())
}

#[test]
fn a_secret_for_a_worker_that_is_not_there_makes_a_draft() -> Result<(), Failure> {
    let control = Control::start()?;
    let project = worker("draft", TELLS_TOKEN, json!({}))?;
    let put = control.wrangler_reading(project.path(), &["secret", "put", "TOKEN"], "early")?.succeeded()?;
    put.says(&["Creating new Worker \"draft\"", "Success! Uploaded secret TOKEN"])?;
    assert_eq!(result(&control, "/scripts/draft/secrets")?, json!([{ "name": "TOKEN", "type": "secret_text" }]));
    deploy(&control, &project)?;
    Ok(control.until("draft.workers.localhost", "/", "early")?)
}

#[test]
fn routes_and_custom_domains_serve_and_belong_to_one_worker() -> Result<(), Failure> {
    let control = Control::start()?;
    // As people write it: with routes, and no word about workers_dev, which is then off.
    let pattern = "www.example.com/api/*";
    let routes = json!([pattern, { "pattern": "shop.example.org", "custom_domain": true }]);
    let triggers = json!({ "routes": routes, "workers_dev": null, "preview_urls": null });
    let holder = worker("holder", &answering("holder"), triggers)?;
    deploy(&control, &holder)?.says(&[pattern, "shop.example.org (custom domain)"])?;
    control.until("www.example.com", "/api/x", "holder")?;
    control.until("shop.example.org", "/any/path", "holder")?;
    for (host, path) in [("www.example.com", "/other"), ("example.com", "/api/x"), ("holder.workers.localhost", "/")] {
        assert_eq!(control.get(host, path)?.status, 404, "{host}{path}");
    }
    // With workers_dev off wrangler looks for itself, with workers_dev on it leaves that to the server.
    for workers_dev in [false, true] {
        let claimant = worker("claimant", &answering("claimant"), json!({ "routes": [pattern], "workers_dev": workers_dev }))?;
        control.wrangler(claimant.path(), &["deploy"])?.failed()?.says(&[pattern, "holder"])?;
        assert_eq!(control.get("www.example.com", "/api/x")?.text(), "holder");
    }
    // The code of a worker whose routes were refused is deployed all the same.
    Ok(control.until("claimant.workers.localhost", "/", "claimant")?)
}

/// The events of a tail so far: JSON texts one after another, the last perhaps not yet whole.
fn events(tail: &Running) -> Vec<Value> {
    serde_json::Deserializer::from_str(&tail.out()).into_iter().map_while(Result::ok).collect()
}

/// Asks again and again until the tail has an event that is right: it may not be connected yet.
fn until_event(control: &Control, tail: &mut Running, path: &str, is_right: fn(&Value) -> bool) -> Result<Value, Failure> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        control.get("talker.workers.localhost", path)?;
        std::thread::sleep(Duration::from_millis(100));
        if let Some(event) = events(tail).into_iter().find(is_right) {
            return Ok(event);
        }
        assert!(Instant::now() < deadline && !tail.has_ended(), "no such event among\n{}\n{}", tail.out(), control.printed());
    }
}

#[test]
fn a_tail_tells_of_logs_and_exceptions_and_ends_with_its_user() -> Result<(), Failure> {
    let control = Control::start()?;
    let code = "export default { fetch(request) {\n  console.log('a line', { a: 1 });\n\
                if (new URL(request.url).pathname === '/fail') throw new TypeError('on purpose');\n  return new Response('fine');\n} };\n";
    let project = worker("talker", code, json!({}))?;
    let version = deploy(&control, &project)?.version()?;
    control.until("talker.workers.localhost", "/", "fine")?;
    let tail = |more: &[&str]| control.spawn(project.path(), &[&["tail", "--format", "json"], more].concat(), &control.token, "");
    let (mut all, mut failures) = (tail(&[])?, tail(&["--status", "error"])?);
    let fine = until_event(&control, &mut all, "/fine?q", |event| event["outcome"] == "ok")?;
    assert_eq!(fine["scriptName"], "talker");
    assert_eq!(fine["scriptVersion"]["id"], json!(version));
    assert_eq!((&fine["logs"][0]["level"], &fine["logs"][0]["message"]), (&json!("log"), &json!(["a line { a: 1 }"])));
    assert_eq!((&fine["event"]["request"]["method"], &fine["event"]["response"]["status"]), (&json!("GET"), &json!(200)));
    assert!(
        fine["event"]["request"]["url"].as_str().is_some_and(|url| url.ends_with("talker.workers.localhost/fine?q")),
        "{fine}"
    );
    assert_eq!(fine["exceptions"], json!([]));
    let failed = until_event(&control, &mut all, "/fail", |event| event["outcome"] == "exception")?;
    assert_eq!(
        (&failed["exceptions"][0]["name"], &failed["exceptions"][0]["message"]),
        (&json!("TypeError"), &json!("on purpose"))
    );
    assert_eq!(failed["logs"][0]["message"][0], "a line { a: 1 }", "what was logged before it failed is told too");
    // Connected, it hears of one of both kinds.
    until_event(&control, &mut failures, "/fail", |_| true)?;
    control.get("talker.workers.localhost", "/fine")?;
    let is_last = |event: &Value| event["event"]["request"]["url"].as_str().is_some_and(|url| url.ends_with("?last"));
    until_event(&control, &mut failures, "/fail?last", is_last)?;
    let wrong = events(&failures).into_iter().find(|event| event["outcome"] != "exception");
    assert_eq!(wrong, None, "the filter lets it through");
    for tail in [all, failures] {
        tail.interrupt()?;
        let ran = tail.finish()?;
        // The second where the signal is faster than wrangler's own end.
        assert!([0, 130].contains(&ran.code), "{} {}", ran.code, ran.err);
    }
    Ok(())
}

#[test]
fn a_deleted_worker_is_gone_with_its_routes_and_its_name_is_free() -> Result<(), Failure> {
    let control = Control::start()?;
    let project = worker("short", &answering("here"), json!({ "routes": ["short.example.com/*"] }))?;
    deploy(&control, &project)?;
    control.until("short.example.com", "/", "here")?;
    control.wrangler(project.path(), &["delete"])?.succeeded()?.says(&["Successfully deleted short"])?;
    for host in ["short.workers.localhost", "short.example.com"] {
        control.until_status(host, "/", 404)?;
    }
    assert_eq!(result(&control, "/scripts")?, json!([]));
    control.wrangler(project.path(), &["versions", "list"])?.failed()?.says(&["[code: 10007]"])?;
    control.wrangler(project.path(), &["delete"])?.failed()?.says(&["[code: 10007]"])?;
    let heir = worker("heir", &answering("heir"), json!({ "routes": ["short.example.com/*"] }))?;
    deploy(&control, &heir)?;
    Ok(control.until("short.example.com", "/", "heir")?)
}

#[test]
fn code_that_cannot_be_served_is_refused_and_the_old_version_serves_on() -> Result<(), Failure> {
    let control = Control::start()?;
    let good = answering("good");
    let rules = json!([{ "type": "ESModule", "globs": ["**/*.js"] }]);
    let project = worker("careful", &good, json!({ "find_additional_modules": true, "rules": rules }))?;
    let host = "careful.workers.localhost";
    deploy(&control, &project)?;
    control.until(host, "/", "good")?;
    let refused = |code: &str, says: &[&str]| -> Result<(), Failure> {
        write(project.path(), "index.js", code)?;
        control.wrangler(project.path(), &["deploy"])?.failed()?.says(says)?;
        assert_eq!(control.get(host, "/")?.text(), "good", "{code}");
        Ok(())
    };
    // In index.js wrangler would find it itself.
    write(project.path(), "part.js", "export const part = 1;\n\nexport const other = ];\n")?;
    refused(&format!("import './part.js';\n{good}"), &["SyntaxError", "part.js:3", "[code: 10021]"])?;
    std::fs::remove_file(project.path().join("part.js"))?;
    refused(&format!("import './lost.js';\n{good}"), &["lost.js", "[code: 10021]"])?;
    refused(&format!("{good}\nthrow new RangeError('too early');\n"), &["RangeError: too early", "index.js:3", "[code: 10021]"])?;
    write(project.path(), "large.txt", &"x".repeat(70 << 20))?;
    // Its text must reach the user: an answer before the end of the upload would be lost with the connection.
    refused(&good, &["MB", "[code: 10027]"])?;
    std::fs::remove_file(project.path().join("large.txt"))?;
    let versions = result(&control, "/scripts/careful/versions")?["items"].take();
    assert_eq!(versions.as_array().map(Vec::len), Some(1), "a version of refused code is kept: {versions}");
    // A first deployment that fails leaves no worker behind.
    let fresh = worker("fresh", "throw 1;", json!({}))?;
    control.wrangler(fresh.path(), &["deploy"])?.failed()?;
    assert_eq!(outcome(account(&control, "GET", "/services/fresh", "")?), NO_WORKER);
    deploy_code(&control, &project, &answering("better"))?;
    Ok(control.until(host, "/", "better")?)
}

#[test]
fn a_crash_loses_nothing_that_was_answered() -> Result<(), Failure> {
    let mut control = Control::start()?;
    let project = worker("sturdy", TELLS_TOKEN, json!({ "routes": ["sturdy.example.com/*"] }))?;
    deploy(&control, &project)?;
    control.wrangler_reading(project.path(), &["secret", "put", "TOKEN"], "kept")?.succeeded()?;
    control.crash_and_restart()?;
    for host in ["sturdy.workers.localhost", "sturdy.example.com"] {
        control.until(host, "/", "kept")?;
    }
    assert!(!control.printed().contains("sk_"), "the token is shown once:\n{}", control.printed());
    control.wrangler(project.path(), &["secret", "list"])?.succeeded()?.says(&["TOKEN"])?;
    Ok(())
}

#[test]
fn the_api_answers_as_wrangler_expects() -> Result<(), Failure> {
    let control = Control::start()?;
    let (token, within) = (control.token.as_str(), format!("/accounts/{}", control.account));
    let get = |token: &str, path: &str| Ok::<_, Failure>(outcome(call(&control, token, "GET", path, ("", b""))?));
    for path in ["/user", "/user/tokens/verify", "/accounts?page=1", "/memberships", "//accounts", "/zones?name=example.com"] {
        assert_eq!(get(token, path)?, (200, 0), "{path}");
    }
    for path in ["/user", "/accounts", "/memberships", &format!("{within}/workers/services/app"), "/nonsense"] {
        for wrong in ["", "sk_wrong", &token[..token.len() - 1]] {
            assert_eq!(get(wrong, path)?, (401, 10001), "{path} with {wrong:?}");
        }
    }
    assert_eq!(get(token, "/accounts/another/workers/services/app")?, (403, 10000));
    assert_eq!(get(token, "/nonsense")?, (404, 7000));
    assert_eq!(get(token, &format!("{within}/storage/kv/namespaces?page=1"))?, (200, 0));
    let lost = ["services/app", "workers/app", "scripts/app/settings", "scripts/app/secrets", "scripts/app/versions"];
    for path in [&lost[..], &["scripts/app/deployments", "scripts/app/script-settings", "scripts/app/references"]].concat() {
        assert_eq!(outcome(account(&control, "GET", &format!("/{path}"), "")?), NO_WORKER, "{path}");
    }
    let secret = json!({ "name": "TOKEN", "text": "x", "type": "secret_text" }).to_string();
    assert_eq!(outcome(account(&control, "PUT", "/scripts/app/secrets", &secret)?), NO_WORKER);
    assert_eq!(outcome(account(&control, "DELETE", "/services/app?force=true", "")?), NO_WORKER);
    Ok(())
}
