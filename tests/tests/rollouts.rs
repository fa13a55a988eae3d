//! What the control plane learns from its edges: live events of requests, and whether a new version does worse than the one before.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use skerry_tests::edges::{Control, Edge};
use skerry_tests::server::{PATIENCE, Server};

type Failure = Box<dyn std::error::Error>;

const GOOD: &str = "export default { fetch() { return new Response('good'); } };";
const BAD: &str = "export default { fetch() { throw new Error('it is broken'); } };";
const SLOW: &str = "export default { fetch() {
    let sum = 0;
    for (let i = 0; i < 20_000_000; i++) sum = (sum + i * i) % 1_000_003;
    return new Response('slow' + (sum < 0));
} };";

/// Ids of the versions of a worker, the oldest first.
fn versions(control: &Control, worker: &str) -> Result<Vec<String>, Failure> {
    let listed = control.v1("GET", &format!("/workers/{worker}/versions"), &Value::Null)?;
    let ids = listed["versions"].as_array().into_iter().flatten().filter_map(|version| version["id"].as_str());
    let mut ids: Vec<_> = ids.map(str::to_owned).collect();
    ids.reverse();
    Ok(ids)
}

fn newest(control: &Control, worker: &str) -> Result<Value, Failure> {
    Ok(control.v1("GET", &format!("/workers/{worker}/deployments"), &Value::Null)?["deployments"][0].clone())
}

/// A worker whose first version serves alone, and a second one, which is not deployed.
fn two_versions(control: &Control, edges: &[Edge], second: &str) -> Result<(String, String), Failure> {
    control.deploy_code("app", "", GOOD)?;
    control.deploy_code("app", "", second)?;
    let ids = versions(control, "app")?;
    let [first, second] = &ids[..] else { return Err("there are not two versions".into()) };
    control.v1("POST", "/workers/app/rollback", &json!({ "version_id": first }))?;
    for edge in edges {
        edge.until("app", "good")?;
    }
    Ok((first.clone(), second.clone()))
}

/// Asks all edges until the condition is met.
fn ask_until(edges: &[Edge], mut is_met: impl FnMut() -> Result<bool, Failure>) -> Result<(), Failure> {
    let deadline = Instant::now() + PATIENCE;
    while !is_met()? {
        assert!(Instant::now() < deadline, "it did not happen");
        for edge in edges {
            for _ in 0..10 {
                edge.answer("app", "/")?;
            }
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

#[test]
fn a_version_that_fails_is_taken_back_by_itself() -> Result<(), Failure> {
    let control = Control::start()?;
    let edges = [Edge::enrol(&control, "ams-1")?, Edge::enrol(&control, "fra-1")?];
    let (first, second) = two_versions(&control, &edges, BAD)?;
    let shares = json!([{ "version_id": first, "percentage": 50 }, { "version_id": second, "percentage": 50 }]);
    control.v1("POST", "/workers/app/deployments", &json!({ "versions": shares }))?;
    ask_until(&edges, || Ok(newest(&control, "app")?["author"] == "automatic rollback"))?;
    let deployment = newest(&control, "app")?;
    assert_eq!(deployment["versions"], json!([{ "version_id": first, "percentage": 100.0 }]));
    let message = deployment["message"].as_str().unwrap_or_default();
    assert!(message.contains(&second) && message.contains("% of") && message.contains("against 0.0 %"), "{message}");
    let api = format!("http://{}", control.address);
    let list = ["versions", "list", "--name", "app", "--api", &api, "--token", &control.token];
    let (code, printed) = Server::launch_command(&list)?.exit()?;
    assert!(code == 0 && printed.contains(&format!(" by automatic rollback: {message}")), "{code} {printed}");
    for edge in &edges {
        edge.until("app", "good")?;
    }
    Ok(())
}

#[test]
fn a_version_that_fails_is_taken_back_also_when_it_serves_alone_if_that_is_wanted() -> Result<(), Failure> {
    let control = Control::start()?;
    let edges = [Edge::enrol(&control, "ams-1")?];
    let (first, second) = two_versions(&control, &edges, BAD)?;
    let all = json!([{ "version_id": second, "percentage": 100 }]);
    // Nobody has asked for it.
    control.v1("POST", "/workers/app/deployments", &json!({ "versions": all }))?;
    let mut asked = 0;
    ask_until(&edges, || {
        asked += 1;
        Ok(asked > 20)
    })?;
    std::thread::sleep(Duration::from_millis(1_500));
    assert_eq!(newest(&control, "app")?["versions"][0]["version_id"], second);
    control.v1("POST", "/workers/app/rollback", &json!({ "version_id": first }))?;
    edges[0].until("app", "good")?;
    // What it did then does not count now.
    control.v1("POST", "/workers/app/deployments", &json!({ "versions": all, "rollback": { "requests_min": 30 } }))?;
    ask_until(&edges, || Ok(newest(&control, "app")?["author"] == "automatic rollback"))?;
    edges[0].until("app", "good")?;
    let wrong = control.v1("POST", "/workers/app/deployments", &json!({ "versions": all, "rollback": { "requests_min": 0 } }));
    assert!(wrong.is_err_and(|error| error.to_string().contains("rollback.requests_min is 0: 1 to")));
    Ok(())
}

#[test]
fn a_version_that_takes_far_more_time_is_taken_back() -> Result<(), Failure> {
    let control = Control::start()?;
    let edges = [Edge::enrol(&control, "ams-1")?];
    let (first, second) = two_versions(&control, &edges, SLOW)?;
    let shares = json!([{ "version_id": first, "percentage": 50 }, { "version_id": second, "percentage": 50 }]);
    let bounds = json!({ "requests_min": 10, "errors_percent": 100, "window_seconds": 3 });
    control.v1("POST", "/workers/app/deployments", &json!({ "versions": shares, "rollback": bounds }))?;
    ask_until(&edges, || Ok(newest(&control, "app")?["author"] == "automatic rollback"))?;
    let message = newest(&control, "app")?["message"].as_str().unwrap_or_default().to_owned();
    assert!(message.contains("ms of CPU time for each of"), "{message}");
    Ok(())
}

#[test]
fn a_version_that_does_as_well_stays_and_a_rollout_can_be_watched_by_nobody() -> Result<(), Failure> {
    let control = Control::start()?;
    let edges = [Edge::enrol(&control, "ams-1")?];
    let (first, second) = two_versions(&control, &edges, "export default { fetch() { return new Response('as good'); } };")?;
    let deploy = |second: &str, rollback: Value| -> Result<(), Failure> {
        let shares = json!([{ "version_id": first, "percentage": 50.0 }, { "version_id": second, "percentage": 50.0 }]);
        control.v1("POST", "/workers/app/deployments", &json!({ "versions": shares, "rollback": rollback }))?;
        let mut asked = 0;
        ask_until(&edges, || {
            asked += 1;
            Ok(asked > 30)
        })?;
        std::thread::sleep(Duration::from_millis(1_500));
        assert_eq!(newest(&control, "app")?["versions"], shares);
        Ok(())
    };
    deploy(&second, json!({ "requests_min": 10 }))?;
    control.deploy_code("app", "", BAD)?;
    let bad = versions(&control, "app")?.pop().ok_or("no version")?;
    deploy(&bad, json!(false))
}

#[test]
fn a_tail_shows_requests_of_all_edges() -> Result<(), Failure> {
    let control = Control::start()?;
    let edges = [Edge::enrol(&control, "ams-1")?, Edge::enrol(&control, "fra-1")?];
    let code = "export default { fetch(request) { console.log('saw', request.url); return new Response('ok'); } };";
    for name in ["app", "other"] {
        control.deploy_code(name, "", code)?;
        for edge in &edges {
            edge.until(name, "ok")?;
        }
    }
    let api = format!("http://{}", control.address);
    let tail = Server::launch_command(&["tail", "app", "--json", "--api", &api, "--token", &control.token])?;
    let deadline = Instant::now() + PATIENCE;
    let (ams, fra) = ("/of-ams", "/of-fra");
    while ![ams, fra].iter().all(|path| tail.printed().contains(path)) {
        assert!(Instant::now() < deadline, "no event came:\n{}", tail.printed());
        for (edge, path) in edges.iter().zip([ams, fra]) {
            edge.answer("app", path)?;
            edge.answer("other", "/not-watched")?;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let printed = tail.printed();
    assert!(!printed.contains("/not-watched"), "{printed}");
    let event: Value = serde_json::from_str(printed.lines().find(|line| line.starts_with('{')).ok_or("no event")?)?;
    assert_eq!((&event["outcome"], &event["scriptName"]), (&json!("ok"), &json!("app")));
    assert!(event["logs"][0]["message"].to_string().contains("saw"), "{event}");
    Ok(())
}
