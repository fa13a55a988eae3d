//! Crashes in the middle of changes, changes under load, and many workers.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use skerry_tests::client;
use skerry_tests::deploys::{FORM, Form, Site, random};

use crate::Failure;

const CRASHES: usize = 15;
const WORKERS: usize = 300;

/// The newest numbers that were confirmed, of the code and of the secret; and the last that was tried.
#[derive(Default)]
struct Progress {
    code: AtomicU64,
    secret: AtomicU64,
    tried: AtomicU64,
}

fn numbered(number: u64) -> String {
    format!("export default {{ fetch(request, env) {{ return new Response(`{number}:${{env.NUMBER ?? 0}}`); }} }};\n")
}

/// Changes a worker over and over, until the server is gone. Fails if it is told that the server failed.
fn change_until_gone(site: &Site, name: &str, progress: &Progress) -> Result<(), String> {
    let script = format!("/scripts/{name}");
    loop {
        let number = progress.tried.fetch_add(1, Ordering::SeqCst) + 1;
        let form = Form::of(&numbered(number), json!({}));
        let told = match number % 3 {
            0 => site.put(name, &form),
            1 => site.sent("POST", &format!("{script}/versions"), (FORM, &form)).and_then(|(status, value)| {
                if status != 200 {
                    return Ok((status, value));
                }
                let share = json!({ "versions": [{ "version_id": value["result"]["id"], "percentage": 100 }] });
                site.json("POST", &format!("{script}/deployments"), &share.to_string())
            }),
            _ => {
                let secret = json!({ "name": "NUMBER", "text": number.to_string() });
                site.json("PUT", &format!("{script}/secrets"), &secret.to_string())
            }
        };
        // Without a whole answer nothing was confirmed.
        let Ok((status, value)) = told else { return Ok(()) };
        match status {
            200 if number % 3 == 2 => drop(progress.secret.fetch_max(number, Ordering::SeqCst)),
            200 => drop(progress.code.fetch_max(number, Ordering::SeqCst)),
            // A crash came between a version and its deployment.
            400 if value["errors"][0]["code"] == 10215 => {}
            _ => return Err(format!("{name}, {number}: {status} {value}")),
        }
    }
}

/// Everything that is named can be seen, and the newest deployment is what is served.
fn check_consistent(site: &Site, name: &str) -> Result<(), Failure> {
    let script = format!("/scripts/{name}");
    let versions = site.done("GET", &format!("{script}/versions"), &Value::Null)?;
    let items = versions["items"].as_array().ok_or("no versions")?;
    let numbers: Vec<_> = items.iter().filter_map(|version| version["number"].as_u64()).collect();
    assert!(numbers.windows(2).all(|pair| pair[0] == pair[1] + 1), "a version is missing: {numbers:?}");
    let deployments = site.done("GET", &format!("{script}/deployments"), &Value::Null)?;
    let deployments = deployments["deployments"].as_array().ok_or("no deployments")?;
    assert!(!deployments.is_empty() && deployments.len() <= items.len(), "{deployments:?}");
    let shares = deployments.iter().flat_map(|deployment| deployment["versions"].as_array().into_iter().flatten());
    let ids = items.iter().map(|version| &version["id"]).chain(shares.map(|share| &share["version_id"]));
    for id in ids {
        let id = id.as_str().ok_or("a version without an id")?;
        assert_eq!(site.done("GET", &format!("{script}/versions/{id}"), &Value::Null)?["id"], json!(id));
    }
    for path in ["/settings", "/secrets", "/script-settings"] {
        site.done("GET", &format!("{script}{path}"), &Value::Null)?;
    }
    Ok(())
}

#[test]
fn what_was_confirmed_before_a_crash_is_served_after_it_and_nothing_is_half_done() -> Result<(), Failure> {
    let names = ["first", "second"];
    let progress = [Progress::default(), Progress::default()];
    let mut site = Site::start()?;
    for name in names {
        site.deploy_code(name, &numbered(0))?;
    }
    for _ in 0..CRASHES {
        let until_crash = Duration::from_micros(10_000 + random() % 400_000);
        let pid = site.pid();
        std::thread::scope(|scope| -> Result<(), Failure> {
            let site = &site;
            let change = |(name, progress)| scope.spawn(move || change_until_gone(site, name, progress));
            let changing: Vec<_> = names.into_iter().zip(&progress).map(change).collect();
            std::thread::sleep(until_crash);
            let killed = std::process::Command::new("kill").args(["-9", &pid.to_string()]).status()?;
            assert!(killed.success());
            for thread in changing {
                thread.join().map_err(|_| "a client panicked")??;
            }
            Ok(())
        })?;
        site.start_again()?;
        for (name, progress) in names.into_iter().zip(&progress) {
            let answer = site.get(&format!("{name}.workers.localhost"))?.text();
            let (code, secret) = answer.split_once(':').ok_or_else(|| answer.clone())?;
            let tried = progress.tried.load(Ordering::SeqCst);
            for (got, confirmed) in [(code, &progress.code), (secret, &progress.secret)] {
                let confirmed = confirmed.load(Ordering::SeqCst);
                assert!((confirmed..=tried).contains(&got.parse()?), "{name}: {confirmed} to {tried} expected of {answer}");
            }
            check_consistent(&site, name)?;
        }
    }
    for progress in &progress {
        assert!(progress.code.load(Ordering::SeqCst) > 0 && progress.secret.load(Ordering::SeqCst) > 0, "nothing was changed");
    }
    Ok(())
}

#[test]
fn after_the_first_new_answer_no_old_one_comes_and_no_request_fails() -> Result<(), Failure> {
    let site = Site::start()?;
    let (seen, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
    site.deploy("app", "0")?;
    site.until("app", "0")?;
    std::thread::scope(|scope| {
        let ask = || -> Result<u64, Failure> {
            let mut asked = 0;
            while !is_over.load(Ordering::SeqCst) {
                // Somebody had this answer before the request was sent.
                let newest = seen.load(Ordering::SeqCst);
                let answer = site.get("app.workers.localhost")?;
                let number: u64 = answer.text().parse().map_err(|_| format!("{} {}", answer.status, answer.text()))?;
                assert!(answer.status == 200 && number >= newest, "{number} after {newest}");
                seen.fetch_max(number, Ordering::SeqCst);
                asked += 1;
            }
            Ok(asked)
        };
        let asking: Vec<_> = (0..3).map(|_| scope.spawn(ask)).collect();
        let deployed = (1..=50).try_for_each(|number: u64| {
            site.deploy("app", &number.to_string())?;
            site.until("app", &number.to_string())
        });
        is_over.store(true, Ordering::SeqCst);
        for thread in asking {
            assert!(thread.join().map_err(|_| "a client panicked")?? > 50);
        }
        Ok(deployed?)
    })
}

#[test]
fn three_hundred_workers_take_little_memory_and_no_time_to_restart() -> Result<(), Failure> {
    let mut site = Site::start()?;
    let before = site.resident_bytes();
    std::thread::scope(|scope| -> Result<(), Failure> {
        let site = &site;
        let deploy = |first| {
            scope.spawn(move || {
                (first..WORKERS)
                    .step_by(4)
                    .try_for_each(|number| site.deploy(&format!("w{number}"), &number.to_string()).map(drop))
            })
        };
        for thread in (0..4).map(deploy).collect::<Vec<_>>() {
            thread.join().map_err(|_| "a client panicked")??;
        }
        Ok(())
    })?;
    site.until("w299", "299")?;
    let deployed = site.resident_bytes();
    site.kill();
    let began = Instant::now();
    site.start_again()?;
    assert_eq!(site.get("w123.workers.localhost")?.text(), "123");
    let took = began.elapsed();
    let restarted = site.resident_bytes();
    for number in 0..WORKERS {
        let answer = client::request(site.edge, "GET", "/", &[("host", &format!("w{number}.workers.localhost"))], b"")?;
        assert_eq!(answer.text(), number.to_string());
    }
    let mb = [before, deployed, restarted, site.resident_bytes()].map(|bytes| bytes >> 20);
    println!("{WORKERS} workers: {took:?} from start to answer; MB before, deployed, restarted, all asked: {mb:?}");
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert!(mb[1] < 1_000 && mb[2] < 1_000, "{mb:?}");
    Ok(())
}
