//! `skerry backup`, and what is made of its copies.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use serde_json::json;
use skerry_tests::client;
use skerry_tests::deploys::{Site, unique};
use skerry_tests::server::{PATIENCE, Server};

type Failure = Box<dyn std::error::Error + Send + Sync>;

const SECRET: &str = "export default { fetch: (_, env) => new Response(env.SECRET) };";

fn backup(data: &Path, target: &Path) -> Result<(i32, String), Failure> {
    let ran = Command::new(skerry_tests::binary()).args(["backup", "--data"]).arg(data).arg(target).output()?;
    let printed = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    Ok((ran.status.code().unwrap_or(-1), printed))
}

/// A server on what a copy has.
fn restored(copy: &Path) -> Result<(tempfile::TempDir, Server), Failure> {
    let folder = tempfile::tempdir()?;
    let copied = Command::new("cp").arg("-r").arg(copy.join("control")).arg(folder.path()).status()?;
    assert!(copied.success());
    let server = Server::launch_serve(folder.path())?;
    server.wait_for("served on http://")?;
    Ok((folder, server))
}

fn answer(server: &Server, worker: &str) -> Result<String, Failure> {
    let host = format!("{worker}.workers.localhost");
    let at = server.address_behind("served on http://")?;
    Ok(client::request(at, "GET", "/", &[("host", &host)], b"")?.text())
}

#[test]
fn copies_made_while_deploys_go_on_are_whole() -> Result<(), Failure> {
    let site = Site::start()?;
    site.deploy_code("app", SECRET)?;
    site.done("PUT", "/scripts/app/secrets", &json!({ "name": "SECRET", "text": "kept", "type": "secret_text" }))?;
    let folder = tempfile::tempdir()?;
    let is_over = AtomicBool::new(false);
    let copies = std::thread::scope(|scope| {
        let deploying = scope.spawn(|| -> Result<(), Failure> {
            let mut number = 0;
            while !is_over.load(Ordering::Relaxed) {
                site.deploy(&format!("worker-{}", number % 5), &unique())?;
                number += 1;
            }
            Ok(())
        });
        let copying = || -> Result<Vec<PathBuf>, Failure> {
            let mut copies = Vec::new();
            for number in 0..3 {
                let target = folder.path().join(number.to_string());
                let (code, printed) = backup(&site.data(), &target)?;
                assert_eq!(code, 0, "{printed}");
                copies.push(target);
            }
            Ok(copies)
        };
        let copies = copying();
        is_over.store(true, Ordering::Relaxed);
        deploying.join().map_err(|_| "deploys panicked")??;
        copies
    })?;
    for copy in [&copies[0], &copies[2]] {
        let (_folder, server) = restored(copy)?;
        assert_eq!(answer(&server, "app")?, "kept", "{}", server.printed());
        let api = server.address_behind("API on http://")?;
        let bearer = format!("Bearer {}", site.token);
        let told = client::request(api, "GET", "/v1/workers", &[("authorization", &bearer)], b"")?;
        let told: serde_json::Value = serde_json::from_slice(&told.body)?;
        let workers = told["workers"].as_array().cloned().unwrap_or_default();
        assert!(!workers.is_empty(), "{told}");
        for name in workers.iter().filter_map(|worker| worker["name"].as_str()) {
            let text = answer(&server, name)?;
            assert!(!text.is_empty() && !text.contains("errors"), "{name}: {text}");
        }
    }
    Ok(())
}

#[test]
fn what_is_damaged_is_named_and_all_the_rest_is_copied() -> Result<(), Failure> {
    let mut site = Site::start()?;
    let (good, bad) = (unique(), unique());
    site.deploy("good", &good)?;
    site.deploy("bad", &bad)?;
    site.stop()?;
    let damaged = find(&site.data().join("control/blobs"), &bad)?.ok_or("the module is nowhere")?;
    std::fs::write(&damaged, "damaged")?;
    let folder = tempfile::tempdir()?;
    let target = folder.path().join("copy");
    let (code, printed) = backup(&site.data(), &target)?;
    assert!(
        code == 2 && printed.contains(&*damaged.to_string_lossy()) && printed.contains("restore the files"),
        "{code} {printed}"
    );
    let control = folder.path().join("restored/control");
    std::fs::create_dir_all(folder.path().join("restored"))?;
    assert!(Command::new("cp").arg("-r").arg(target.join("control")).arg(&control).status()?.success());
    let server = Server::launch_serve(&folder.path().join("restored"))?;
    server.wait_for("API on http://")?;
    let deadline = Instant::now() + PATIENCE;
    while !server.printed().contains("served on http://") {
        assert!(Instant::now() < deadline, "{}", server.printed());
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    Ok(())
}

/// The file under a folder that has a text in it.
fn find(folder: &Path, text: &str) -> Result<Option<PathBuf>, Failure> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let found =
            if path.is_dir() { find(&path, text)? } else { std::fs::read_to_string(&path)?.contains(text).then_some(path) };
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

#[test]
fn a_copy_is_never_put_over_another_nor_made_of_nothing() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let site = Site::start()?;
    let target = folder.path().join("copy");
    assert_eq!(backup(&site.data(), &target)?.0, 0);
    let (code, printed) = backup(&site.data(), &target)?;
    assert!(code == 2 && printed.contains("copy: it is there already"), "{code} {printed}");
    let (code, printed) = backup(folder.path(), &folder.path().join("other"))?;
    assert!(code == 2 && printed.contains("there is no control plane in it"), "{code} {printed}");
    Ok(())
}
