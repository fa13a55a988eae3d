//! `skerry objects` as an operator meets it: beside a node that runs, and where none does; and what becomes of deleted classes.

use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};
use skerry_tests::client;
use skerry_tests::developer::{Developer, Ran, command, finish, worker};
use skerry_tests::project::write;
use skerry_tests::server::{PATIENCE, Server};
use tempfile::TempDir;

type Failure = Box<dyn std::error::Error>;

const CODE: &str = r#"
import { DurableObject } from "cloudflare:workers";

class Kept extends DurableObject {
  set(value) {
    this.ctx.storage.kv.put("value", value);
    this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS log (at INTEGER PRIMARY KEY, value TEXT)");
    this.ctx.storage.sql.exec("INSERT INTO log (value) VALUES (?)", value);
    return this.ctx.storage.getCurrentBookmark();
  }
  get() {
    return this.ctx.storage.kv.get("value") ?? "nothing";
  }
  log() {
    return this.ctx.storage.sql.exec("SELECT value FROM log ORDER BY at").toArray().map((row) => row.value).join(" ");
  }
  async wake() {
    await this.ctx.storage.setAlarm(4_000_000_000_000);
  }
  alarm() {}
}
export class Room extends Kept {}
export class Hall extends Kept {}
export class Shed extends Kept {}

export default {
  async fetch(request, env) {
    const [, binding, name, action, value] = new URL(request.url).pathname.split("/");
    return new Response(String(await env[binding].getByName(name)[action](value)));
  },
};
"#;

fn bound(classes: &[&str], migrations: &Value) -> Value {
    let binding = |class: &&str| json!({ "name": class.to_uppercase(), "class_name": class });
    json!({ "durable_objects": { "bindings": classes.iter().map(binding).collect::<Vec<_>>() }, "migrations": migrations })
}

fn first(classes: &[&str]) -> Value {
    json!([{ "tag": "v1", "new_sqlite_classes": classes }])
}

fn chat(classes: &[&str]) -> Result<TempDir, Failure> {
    Ok(worker("chat", bound(classes, &first(classes)), CODE)?)
}

fn configure(folder: &Path, more: Value) -> Result<(), Failure> {
    let mut config = json!({ "name": "chat", "main": "index.js", "compatibility_date": "2026-04-01" });
    for (key, value) in more.as_object().into_iter().flatten() {
        config[key] = value.clone();
    }
    Ok(write(folder, "wrangler.json", &config.to_string())?)
}

/// `skerry objects`, as it is typed in the project's folder.
fn objects(folder: &Path, args: &[&str]) -> Result<Ran, Failure> {
    let args: Vec<_> = ["objects"].iter().chain(args).copied().collect();
    Ok(finish(command(folder, folder, &args), "", &args)?)
}

fn get(server: &Server, path: &str) -> Result<String, Failure> {
    let answer = client::get(server.address(), path)?;
    if answer.status != 200 {
        return Err(format!("{path}: {} {}\n{}", answer.status, answer.text(), server.printed()).into());
    }
    Ok(answer.text())
}

fn texts<'v>(values: &'v Value, key: &str) -> Vec<&'v str> {
    values.as_array().into_iter().flatten().filter_map(|value| value[key].as_str()).collect()
}

#[test]
fn objects_are_read_beside_the_node_and_written_where_there_is_none() -> Result<(), Failure> {
    let project = chat(&["Room", "Hall"])?;
    let folder = project.path();
    objects(folder, &["ls"])?.ended(2, &["holds no objects", "--data"])?;
    let server = Server::start(folder, &["--no-watch"])?;
    server.wait_for(".skerry/objects")?;
    let one = get(&server, "/ROOM/lobby/set/one")?;
    get(&server, "/ROOM/lobby/set/two")?;
    get(&server, "/ROOM/lobby/wake")?;
    get(&server, "/HALL/lobby/set/other")?;

    // The node runs, and the objects live.
    let listed = objects(folder, &["ls", "--json"])?.json()?;
    assert_eq!(texts(&listed["objects"], "name"), ["lobby", "lobby"], "{listed}");
    let mut classes = texts(&listed["objects"], "class");
    classes.sort_unstable();
    assert_eq!((classes, &listed["next"]), (vec!["Hall", "Room"], &Value::Null));
    let page = objects(folder, &["ls", "--limit", "1", "--json"])?.json()?;
    let next = page["next"].as_str().ok_or("no next page")?;
    let rest = objects(folder, &["ls", "--after", next, "--json"])?.json()?;
    assert_eq!([&page["objects"][0], &rest["objects"][0]], [&listed["objects"][0], &listed["objects"][1]]);
    objects(folder, &["ls", "--class", "Room"])?.done(&["chat/Room", "lobby", "2096-10-02T07:06:40.000Z"])?;
    objects(folder, &["ls", "--classes"])?.done(&["chat/Hall", "chat/Room"])?;
    objects(folder, &["ls", "--class", "Shed"])?.ended(1, &["no class \"Shed\"", "chat/Room"])?;

    objects(folder, &["show", "lobby"])?.ended(2, &["of which class is it?", "chat/Hall, chat/Room"])?;
    objects(folder, &["show", "attic", "--class", "Room"])?.ended(1, &["\"attic\" in chat/Room"])?;
    let shown = objects(folder, &["show", "lobby", "--class", "Room", "--json"])?.json()?;
    let id = shown["id"].as_str().ok_or("no id")?;
    assert_eq!(shown, objects(folder, &["show", id, "--json"])?.json()?);
    let bookmark = shown["bookmark"].as_str().ok_or("no bookmark")?;
    assert!(bookmark > one.as_str() && shown["epoch"].as_u64() > Some(0), "{shown}");
    assert!(shown["history_oldest"].as_str() <= shown["last_write"].as_str(), "{shown}");
    assert!(shown["tables"].as_array().is_some_and(|tables| tables.contains(&json!("log"))), "{shown}");

    let select = "SELECT at, value, NULL AS none, x'00ff' AS bytes FROM log ORDER BY at";
    objects(folder, &["sql", id, select])?
        .done(&["at  value  none  bytes\n1   one    NULL  x'00ff'\n2   two    NULL  x'00ff'\n"])?;
    let rows = objects(folder, &["sql", id, select, "--at", &one, "--json"])?.json()?;
    let expected = json!([[1, "one", null, { "hex": "00ff" }]]);
    assert_eq!((&rows["rows"], &rows["has_more"]), (&expected, &json!(false)), "{rows}");
    objects(folder, &["sql", id, "SELECT value FROM log", "--limit", "1"])?.done(&["and more rows"])?;
    objects(folder, &["sql", id, "DELETE FROM log"])?.ended(2, &["--write", "stopped"])?;
    objects(folder, &["sql", id, "SELECT * FROM nowhere"])?.ended(1, &["no such table: nowhere"])?;
    objects(folder, &["sql", id, "SELECT 1", "--at", "yesterday"])?.ended(2, &["no bookmark and no time"])?;
    let holder = format!("process {}", server.pid());
    objects(folder, &["sql", id, "DELETE FROM log", "--write"])?.ended(1, &["in use by", &holder, "stop the node first"])?;
    objects(folder, &["restore", id, &one])?.ended(1, &["in use by", &holder, "onNextSessionRestoreBookmark"])?;

    objects(folder, &["export", id, "now.db"])?.done(&["now.db", "lobby"])?;
    objects(folder, &["export", id, "now.db"])?.ended(2, &["is there already"])?;
    objects(folder, &["export", id, "then.db", "--at", &one])?.done(&[])?;
    for (file, expected) in [("now.db", "onetwo"), ("then.db", "one")] {
        let found = std::fs::read(folder.join(file))?;
        assert!(found.starts_with(b"SQLite format 3\0"), "{file}");
        let all = String::from_utf8_lossy(&found).into_owned();
        assert_eq!(all.contains("two"), expected.contains("two"), "{file}");
    }
    let left: Vec<_> = std::fs::read_dir(folder)?.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    assert!(left.iter().all(|name| !name.starts_with(".skerry-")), "{left:?}");
    assert_eq!(get(&server, "/ROOM/lobby/log")?, "one two", "it goes on as if nobody had looked");

    // It is stopped.
    server.signal("INT")?;
    assert_eq!(server.exit()?.0, 0);
    objects(folder, &["show", id])?.done(&["name: lobby", "class: Room", "worker: chat"])?;
    let restored = objects(folder, &["restore", id, &one, "--json"])?.json()?;
    let undo = restored["undo"].as_str().ok_or("no bookmark")?;
    objects(folder, &["sql", id, "INSERT INTO log (value) VALUES ('typed') RETURNING at", "--write"])?.done(&["at\n2\n"])?;
    objects(folder, &["sql", id, "INSERT INTO nowhere VALUES (1)", "--write"])?.ended(1, &["no such table"])?;
    let server = Server::start(folder, &["--no-watch"])?;
    assert_eq!(get(&server, "/ROOM/lobby/log")?, "one typed");
    assert_eq!([get(&server, "/ROOM/lobby/get")?, get(&server, "/HALL/lobby/get")?], ["one", "other"]);
    server.signal("INT")?;
    assert_eq!(server.exit()?.0, 0);
    objects(folder, &["restore", "lobby", undo, "--class", "chat/Room"])?
        .done(&["lobby", "To undo it: skerry objects restore"])?;
    objects(folder, &["sql", id, "SELECT value FROM log"])?.done(&["one\ntwo\n"])?;
    for wanted in
        [&["restore", id, "-1h"][..], &["export", id, "before.db", "--at", "-1h"], &["sql", id, "SELECT 1", "--at", "-1h"]]
    {
        objects(folder, wanted)?.ended(2, &["was not there at", "it was made at"])?;
    }
    assert!(!folder.join("before.db").exists());
    let shown = objects(folder, &["show", id, "--json"])?.json()?;
    assert_eq!(shown["history_oldest"], shown["created"], "restores cut nothing off: {shown}");
    objects(folder, &["restore", id, "2096-10-02T07:06:40Z"])?.done(&[])?;
    objects(folder, &["restore", id, "0123456789abcdef-0123456789abcdef"])?.ended(1, &["not one of this object"])?;
    Ok(())
}

fn until(what: &str, mut is_so: impl FnMut() -> Result<bool, Failure>) -> Result<(), Failure> {
    let began = Instant::now();
    while !is_so()? {
        if began.elapsed() > PATIENCE {
            return Err(format!("{what} did not come about").into());
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    Ok(())
}

fn classes(folder: &Path, data: &[&str]) -> Result<Vec<(String, u64)>, Failure> {
    let listed = objects(folder, &[&["ls", "--classes", "--json"], data].concat())?.json()?;
    let class = |class: &Value| Some((class["class"].as_str()?.to_owned(), class["objects"].as_u64()?));
    Ok(listed["classes"].as_array().into_iter().flatten().filter_map(class).collect())
}

#[test]
fn objects_of_a_deleted_class_are_gone_and_no_others_in_serve() -> Result<(), Failure> {
    let developer = Developer::start()?;
    let project = chat(&["Room", "Hall", "Shed"])?;
    let other = worker("other", bound(&["Room"], &first(&["Room"])), CODE)?;
    developer.skerry(&project, &["deploy"])?.done(&[])?;
    developer.skerry(&other, &["deploy"])?.done(&[])?;
    let hosts = ["chat.workers.localhost", "other.workers.localhost"];
    for (host, path) in [
        (hosts[0], "/ROOM/a/set/one"),
        (hosts[0], "/ROOM/b/set/one"),
        (hosts[0], "/HALL/a/set/one"),
        (hosts[0], "/SHED/a/set/kept"),
        (hosts[1], "/ROOM/a/set/kept"),
    ] {
        developer.control.until_status(host, path, 200)?;
    }
    let data = developer.control.data();
    let data = ["--data", data.to_str().ok_or("a path")?];
    let found = classes(project.path(), &data)?;
    let expected = [("Hall", 1), ("Room", 2), ("Shed", 1), ("Room", 1)].map(|(class, count)| (class.to_owned(), count));
    assert_eq!(found, expected);

    let migrations = json!([
        { "tag": "v1", "new_sqlite_classes": ["Room", "Hall", "Shed"] },
        { "tag": "v2", "deleted_classes": ["Room"], "renamed_classes": [{ "from": "Shed", "to": "Barn" }] },
    ]);
    configure(project.path(), bound(&["Hall", "Barn"], &migrations))?;
    write(project.path(), "index.js", &CODE.replace("class Shed", "class Barn"))?;
    developer.skerry(&project, &["deploy"])?.done(&[])?;
    until("the end of the class's objects", || Ok(!classes(project.path(), &data)?.contains(&("Room".to_owned(), 2))))?;
    assert_eq!(developer.control.get(hosts[0], "/BARN/a/get")?.text(), "kept", "it was renamed");
    assert_eq!(developer.control.get(hosts[1], "/ROOM/a/get")?.text(), "kept", "it is another worker's");
    let found = classes(project.path(), &data)?;
    let expected = [("Barn", 1), ("Hall", 1), ("Room", 1)].map(|(class, count)| (class.to_owned(), count));
    assert_eq!(found, expected);
    // A class that is made anew has nothing of the one before.
    let mut again = migrations;
    again.as_array_mut().ok_or("a list")?.push(json!({ "tag": "v3", "new_sqlite_classes": ["Room"] }));
    configure(project.path(), bound(&["Hall", "Barn", "Room"], &again))?;
    developer.skerry(&project, &["deploy"])?.done(&[])?;
    developer.control.until(hosts[0], "/ROOM/a/get", "nothing")?;
    Ok(())
}

#[test]
fn objects_of_a_deleted_class_are_gone_in_dev() -> Result<(), Failure> {
    let project = chat(&["Room", "Hall"])?;
    let folder = project.path();
    let server = Server::start(folder, &[])?;
    get(&server, "/ROOM/a/set/one")?;
    get(&server, "/HALL/a/set/kept")?;
    let migrations =
        json!([{ "tag": "v1", "new_sqlite_classes": ["Room", "Hall"] }, { "tag": "v2", "deleted_classes": ["Room"] }]);
    configure(folder, bound(&["Hall"], &migrations))?;
    server.wait_for("1 Durable Objects of the deleted class Room are gone")?;
    assert_eq!(get(&server, "/HALL/a/get")?, "kept");
    assert_eq!(classes(folder, &[])?, [("Hall".to_owned(), 1)]);
    Ok(())
}

#[test]
fn objects_of_a_renamed_class_stay_where_no_control_plane_says_so() -> Result<(), Failure> {
    let project = chat(&["Room"])?;
    let folder = project.path();
    let server = Server::start(folder, &[])?;
    get(&server, "/ROOM/a/set/one")?;
    let migrations = json!([
        { "tag": "v1", "new_sqlite_classes": ["Room"] },
        { "tag": "v2", "renamed_classes": [{ "from": "Room", "to": "Barn" }], "new_sqlite_classes": ["Lobby"] },
        { "tag": "v3", "new_sqlite_classes": ["Room"] },
    ]);
    let own = "exports = ctx.exports[binding];\n    const object = exports ?? env[binding];";
    let code = CODE
        .replace("class Room", "class Barn")
        .replace("class Hall", "class Lobby")
        .replace("class Shed", "class Room")
        .replace("fetch(request, env)", "fetch(request, env, ctx)")
        .replace(
            "    return new Response(String(await env[binding]",
            &format!("    const {own}\n    return new Response(String(await object"),
        );
    write(folder, "index.js", &code)?;
    configure(folder, bound(&["Barn", "Room"], &migrations))?;
    until("the renamed class", || Ok(get(&server, "/BARN/a/get").is_ok_and(|value| value == "one")))?;
    assert_eq!(get(&server, "/ROOM/a/get")?, "nothing", "it is another class with the name");
    assert_eq!(get(&server, "/Lobby/a/get")?, "nothing", "no binding is needed for one of its own");
    drop(server);

    // Another worker is bound to it, on a node without a control plane.
    let binding = json!([{ "name": "FAR", "class_name": "Barn", "script_name": "chat" }]);
    let other = worker("other", json!({ "durable_objects": { "bindings": binding } }), CODE)?;
    let node = tempfile::tempdir()?;
    let config = format!(
        "listen = \"127.0.0.1:0\"\n[objects]\nfolder = \"objects\"\n[[worker]]\npath = {:?}\nroutes = [\"other.example/*\"]\n[[worker]]\npath = {folder:?}\nroutes = [\"*/*\"]\n",
        other.path()
    );
    std::fs::write(node.path().join("node.toml"), config)?;
    let edge = Server::start_edge(&node.path().join("node.toml"), &[])?;
    get(&edge, "/BARN/a/set/shared")?;
    assert_eq!(client::request(edge.address(), "GET", "/FAR/a/get", &[("host", "other.example")], b"")?.text(), "shared");
    Ok(())
}

#[test]
fn metrics_count_objects_by_class() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let project = chat(&["Room", "Hall"])?;
    let path = project.path().display();
    let config = format!(
        "listen = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"\n[objects]\nfolder = \"objects\"\nhistory_days = 3\n[[worker]]\npath = \"{path}\"\nroutes = [\"*/*\"]\n"
    );
    std::fs::write(folder.path().join("node.toml"), config)?;
    let node = Server::start_edge(&folder.path().join("node.toml"), &[])?;
    let admin = node.address_behind("Health and metrics on http://")?;
    let figure = |name: &str, class: &str| -> Result<Option<u64>, Failure> {
        let text = client::get(admin, "/metrics")?.text();
        let (start, class) = (format!("{name}{{namespace=\""), format!("worker=\"chat\",class=\"{class}\"}} "));
        let line = text.lines().find(|line| line.starts_with(&start) && line.contains(&class));
        Ok(line.and_then(|line| line.rsplit_once(' ')).map(|(_, value)| value.parse()).transpose()?)
    };
    assert_eq!(figure("skerry_objects_stored", "Room")?, None, "no object was wanted yet");
    for path in ["/ROOM/a/set/one", "/ROOM/b/set/one", "/ROOM/c/get", "/HALL/a/set/one"] {
        get(&node, path)?;
    }
    assert_eq!([figure("skerry_objects_stored", "Room")?, figure("skerry_objects_stored", "Hall")?], [Some(2), Some(1)]);
    assert_eq!([figure("skerry_objects_live", "Room")?, figure("skerry_objects_live", "Hall")?], [Some(3), Some(1)]);
    let bytes = figure("skerry_objects_storage_bytes", "Room")?.ok_or("no figure")?;
    assert!(bytes >= 2 * 8192 && bytes % 4096 == 0, "{bytes}");
    Ok(())
}
