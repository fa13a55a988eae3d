//! Durable Objects of a node's workers: code that changes, and nodes that cannot have any. What kills do stands in `../durability/`.

use std::fs;
use std::path::Path;
use std::time::Instant;

use skerry_tests::server::PATIENCE;

use super::{Failure, configure, get, start};

const WORKER: &str = r#"
import { DurableObject } from "cloudflare:workers";

export class Counter extends DurableObject {
  async increment() {
    const value = ((await this.ctx.storage.get("value")) ?? 0) + 1;
    await this.ctx.storage.put("value", value);
    return value;
  }
}

export default {
  async fetch(request, env) {
    const [, action, name] = new URL(request.url).pathname.split("/");
    return new Response(String(await env.COUNTER.getByName(name)[action]()));
  },
};
"#;

/// Each request makes calls at once, which say what they found and which code they met.
const BURSTS: &str = r#"
import { DurableObject } from "cloudflare:workers";

const VERSION = 0;

export class Counter extends DurableObject {
  increment() {
    const value = (this.ctx.storage.kv.get("value") ?? 0) + 1;
    this.ctx.storage.kv.put("value", value);
    return `${value}:${VERSION}`;
  }
  async fetch() {
    return new Response(this.increment());
  }
}

export default {
  async fetch(request, env) {
    const stub = env.COUNTER.getByName("a");
    const call = (_, i) => i % 3 === 0 ? stub.fetch("http://counter/").then((answer) => answer.text()) : stub.increment();
    return new Response((await Promise.all(Array.from({ length: 40 }, call))).join(" "));
  },
};
"#;

/// An object that can close its input gate for good.
const BLOCKED: &str = r#"
import { DurableObject } from "cloudflare:workers";

export class Counter extends DurableObject {
  born = crypto.randomUUID();
  block() {
    this.ctx.blockConcurrencyWhile(() => new Promise(() => {}));
  }
  whose() {
    return this.born;
  }
}

export default {
  async fetch(request, env) {
    const stub = env.COUNTER.getByName("a");
    if (new URL(request.url).pathname === "/block") {
      await stub.block();
    }
    const late = scheduler.wait(500).then(() => "waits");
    return new Response(await Promise.race([stub.whose(), late]));
  },
};
"#;

fn project(folder: &Path) -> Result<(), Failure> {
    project_of(folder, WORKER)
}

fn project_of(folder: &Path, worker: &str) -> Result<(), Failure> {
    let folder = folder.join("counter");
    fs::create_dir(&folder)?;
    fs::write(folder.join("index.js"), worker)?;
    let config = r#"{
        "name": "counter", "main": "index.js", "compatibility_date": "2026-01-01",
        "durable_objects": { "bindings": [{ "name": "COUNTER", "class_name": "Counter" }] },
        "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Counter"] }]
    }"#;
    Ok(fs::write(folder.join("wrangler.json"), config)?)
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
fn a_critical_section_that_does_not_end_has_30_seconds() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    project_of(folder.path(), BLOCKED)?;
    configure(folder.path(), "[objects]\nfolder = \"objects\"\n[[worker]]\npath = \"counter\"\nroutes = [\"*/*\"]\n")?;
    let node = start(&folder)?;
    let ask = |path: &str| Ok::<_, Failure>(get(&node, "any.example", path)?.text());
    let first = ask("/")?;
    let began = Instant::now();
    assert_eq!(ask("/block")?, "waits");
    // Whoever called while it was closed hears that it was reset; then there is another.
    let mut answers = Vec::new();
    while answers.last().is_none_or(|answer: &String| answer == "waits") && began.elapsed() < 3 * PATIENCE {
        answers.push(ask("/")?);
    }
    let took = began.elapsed();
    assert!((28..45).contains(&took.as_secs()), "{answers:?} after {took:?}");
    let next = ask("/")?;
    assert!(next != first && next.len() == first.len(), "{next} after {first}");
    Ok(())
}

#[test]
fn calls_made_at_once_keep_their_order_while_their_object_moves_in_both_modes() -> Result<(), Failure> {
    keeps_order("threads")?;
    keeps_order("cells")
}

fn keeps_order(isolation: &str) -> Result<(), Failure> {
    const MOVES: usize = 4;
    let folder = tempfile::tempdir()?;
    project(folder.path())?;
    let code = folder.path().join("counter/index.js");
    fs::write(&code, BURSTS)?;
    let tables = "[objects]\nfolder = \"objects\"\n[[worker]]\npath = \"counter\"\nroutes = [\"*/*\"]\n";
    configure(folder.path(), &format!("isolation = \"{isolation}\"\n{tables}"))?;
    let node = start(&folder)?;
    let (mut last, mut version) = (0, 0);
    while version < MOVES {
        let next = format!("VERSION = {}", version + 1);
        fs::write(&code, BURSTS.replace("VERSION = 0", &next))?;
        node.signal("HUP")?;
        let began = Instant::now();
        while version.to_string() != next["VERSION = ".len()..] {
            let text = get(&node, "any.example", "/")?.text();
            for call in text.split(' ') {
                let (value, of) = call.split_once(':').ok_or_else(|| format!("no value ({isolation}): {text}"))?;
                assert_eq!(value.parse::<u64>()?, last + 1, "({isolation}) {text}");
                last += 1;
                version = of.parse()?;
            }
            assert!(began.elapsed() < PATIENCE, "the code is not changed ({isolation})");
        }
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
    node.wait_for("folder of [objects]")?;
    Ok(())
}
