//! Durable Objects of a node: what was confirmed is there after the node was killed, whatever it did at that moment.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use skerry_tests::client;
use skerry_tests::server::PATIENCE;

use super::{Failure, configure, get, start};

const KILLS: u32 = 8;
const COUNTERS: u64 = 4;

const WORKER: &str = r#"
import { DurableObject } from "cloudflare:workers";

export class Counter extends DurableObject {
  async increment() {
    const value = ((await this.ctx.storage.get("value")) ?? 0) + 1;
    await this.ctx.storage.put("value", value);
    this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS log (value INTEGER PRIMARY KEY)");
    this.ctx.storage.sql.exec("INSERT INTO log VALUES (?)", value);
    return value;
  }
  async check() {
    const value = (await this.ctx.storage.get("value")) ?? 0;
    const rows = this.ctx.storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'log'").toArray().length;
    const logged = rows === 0 ? 0 : this.ctx.storage.sql.exec("SELECT count(*) AS n FROM log").one().n;
    return `${value} ${logged}`;
  }
}

export default {
  async fetch(request, env) {
    const [, action, name] = new URL(request.url).pathname.split("/");
    return new Response(String(await env.COUNTER.getByName(name)[action]()));
  },
};
"#;

fn project(folder: &Path) -> Result<(), Failure> {
    let folder = folder.join("counter");
    fs::create_dir(&folder)?;
    fs::write(folder.join("index.js"), WORKER)?;
    let config = r#"{
        "name": "counter", "main": "index.js", "compatibility_date": "2026-01-01",
        "durable_objects": { "bindings": [{ "name": "COUNTER", "class_name": "Counter" }] },
        "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Counter"] }]
    }"#;
    Ok(fs::write(folder.join("wrangler.json"), config)?)
}

#[test]
fn kills_lose_nothing_that_was_confirmed_in_both_modes() -> Result<(), Failure> {
    survives_kills("threads")?;
    survives_kills("cells")
}

fn survives_kills(isolation: &str) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    project(folder.path())?;
    let tables = format!(
        "isolation = \"{isolation}\"\n[objects]\nfolder = \"objects\"\n[[worker]]\npath = \"counter\"\nroutes = [\"*/*\"]\n"
    );
    configure(folder.path(), &tables)?;
    let confirmed: Arc<Vec<AtomicU64>> = Arc::new((0..COUNTERS).map(|_| AtomicU64::new(0)).collect());
    for round in 0..KILLS {
        let node = start(&folder)?;
        for counter in 0..COUNTERS {
            let text = get(&node, "any.example", &format!("/check/c{counter}"))?.text();
            let (value, logged) = text.split_once(' ').ok_or_else(|| format!("no value: {text}"))?;
            let (value, logged): (u64, u64) = (value.parse()?, logged.parse()?);
            let known = confirmed[usize::try_from(counter)?].load(Ordering::SeqCst);
            assert_eq!(value, logged, "half a turn of c{counter} is there after {round} kills ({isolation})");
            // One more may have been stored whose answer did not come through.
            assert!(value == known || value == known + 1, "c{counter} has {value}, confirmed were {known} ({isolation})");
            confirmed[usize::try_from(counter)?].store(value, Ordering::SeqCst);
        }
        let stop = Arc::new(AtomicBool::new(false));
        let clients: Vec<_> = (0..COUNTERS)
            .map(|counter| {
                let (address, stop, confirmed) = (node.address(), stop.clone(), confirmed.clone());
                std::thread::spawn(move || {
                    while !stop.load(Ordering::SeqCst) {
                        let path = format!("/increment/c{counter}");
                        let Ok(answer) = client::request(address, "GET", &path, &[("host", "any.example")], b"") else { return };
                        let Ok(value) = answer.text().parse::<u64>() else { return };
                        confirmed[usize::try_from(counter).unwrap_or(0)].store(value, Ordering::SeqCst);
                    }
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(60 + u64::from(round) * 47));
        // Dropped, it is killed.
        drop(node);
        stop.store(true, Ordering::SeqCst);
        for client in clients {
            client.join().map_err(|_| "a client panicked")?;
        }
    }
    let total: u64 = confirmed.iter().map(|value| value.load(Ordering::SeqCst)).sum();
    assert!(total > u64::from(KILLS), "next to nothing was written: {total}");
    Ok(())
}

#[test]
fn an_object_moves_to_new_code_with_what_it_has() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    project(folder.path())?;
    configure(folder.path(), "[objects]\nfolder = \"objects\"\n[[worker]]\npath = \"counter\"\nroutes = [\"*/*\"]\n")?;
    let node = start(&folder)?;
    for expected in ["1", "2", "3"] {
        assert_eq!(get(&node, "any.example", "/increment/a")?.text(), expected);
    }
    let changed = WORKER.replace("?? 0) + 1;", "?? 0) + 100;");
    fs::write(folder.path().join("counter/index.js"), changed)?;
    node.signal("HUP")?;
    let (began, mut before) = (Instant::now(), 3);
    loop {
        let value: u64 = get(&node, "any.example", "/increment/a")?.text().parse()?;
        if value == before + 100 {
            break;
        }
        assert!(value == before + 1 && began.elapsed() < PATIENCE, "{value} after {before}");
        before = value;
    }
    Ok(())
}

#[test]
fn a_node_without_a_folder_for_objects_says_so() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    project(folder.path())?;
    configure(folder.path(), "[[worker]]\npath = \"counter\"\nroutes = [\"*/*\"]\n")?;
    let node = start(&folder)?;
    assert_eq!(get(&node, "any.example", "/increment/a")?.status, 500);
    node.wait_for("data folder")?;
    Ok(())
}
