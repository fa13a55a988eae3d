//! Disks that are full: what was deployed is served on, who deploys is told, and when there is room again all goes on by itself.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};
use skerry_tests::deploys::{Form, Site, unique};
use skerry_tests::disk::Disk;
use skerry_tests::edges::{Control, Edge};
use skerry_tests::project::answering;
use skerry_tests::server::PATIENCE;

type Failure = Box<dyn std::error::Error>;

const DISK_BYTES: u64 = 96 << 20;

fn versions(site: &Site, name: &str) -> Result<usize, Failure> {
    let listed = site.done("GET", &format!("/scripts/{name}/versions"), &Value::Null)?;
    Ok(listed["items"].as_array().ok_or("no versions")?.len())
}

fn assert_told(status: u16, told: &Value) {
    let message = told["errors"][0]["message"].as_str().unwrap_or_default();
    assert!(status == 507 && message.contains("disk is full") && message.contains("free space"), "{status} {told}");
}

/// Files that were being written.
fn half_written(folder: &Path) -> Result<Vec<String>, Failure> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            found.extend(half_written(&entry.path())?);
        } else if name.ends_with(".tmp") || name.starts_with("scratch-") {
            found.push(name);
        }
    }
    Ok(found)
}

/// Compiled code is written beside all else: it may just be at it.
fn none_half_written(folder: &Path) -> Result<(), Failure> {
    let deadline = Instant::now() + PATIENCE;
    while !half_written(folder)?.is_empty() {
        assert!(Instant::now() < deadline, "{:?} stay", half_written(folder)?);
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

#[test]
fn uploads_to_a_full_disk_are_refused_whole_and_go_on_when_there_is_room() -> Result<(), Failure> {
    let mut site = Site::start_on(Disk::new(DISK_BYTES)?)?;
    site.deploy("app", "before")?;
    site.until("app", "before")?;
    site.disk()?.fill()?;
    for round in 0..2 {
        for _ in 0..10 {
            for name in ["app", "other"] {
                let (status, told) = site.put(name, &Form::of(&answering(&unique()), json!({})))?;
                assert_told(status, &told);
            }
        }
        assert_eq!(versions(&site, "app")?, 1, "nothing of it is to be seen");
        assert_eq!(site.json("GET", "/scripts/other/versions", "")?.0, 404);
        site.until("app", "before")?;
        none_half_written(&site.disk()?.seen().join("data"))?;
        if round == 0 {
            // Also a start needs no room.
            site.crash_and_restart()?;
        }
    }
    site.disk()?.free()?;
    site.check_deploys("app")?;
    site.check_deploys("other")?;
    let served = site.get("app.workers.localhost")?.text();
    site.crash_and_restart()?;
    assert_eq!(site.get("app.workers.localhost")?.text(), served);
    assert_eq!(versions(&site, "app")?, 2);
    Ok(())
}

#[test]
fn a_store_without_room_keeps_what_it_has_confirmed() -> Result<(), Failure> {
    let mut site = Site::start_on(Disk::new(DISK_BYTES)?)?;
    site.deploy_code("app", "export default { fetch(_, env) { return new Response(env.NUMBER?.split(' ')[0] ?? 'none'); } };\n")?;
    site.until("app", "none")?;
    site.disk()?.fill()?;
    let mut confirmed = "none".to_owned();
    let mut refused = 0;
    // It has room in files of its own for some.
    for number in 0..300 {
        let secret = json!({ "name": "NUMBER", "text": format!("{number} {}", "x".repeat(60_000)), "type": "secret_text" });
        let (status, told) = site.json("PUT", "/scripts/app/secrets", &secret.to_string())?;
        if status == 200 {
            confirmed = number.to_string();
            refused = 0;
            continue;
        }
        assert_told(status, &told);
        refused += 1;
        if refused == 3 {
            break;
        }
    }
    assert_eq!(refused, 3, "the store never ran out of room");
    let kept = versions(&site, "app")?;
    site.crash_and_restart()?;
    assert_eq!(versions(&site, "app")?, kept);
    assert_eq!(site.get("app.workers.localhost")?.status, 200, "something whole is served");
    site.disk()?.free()?;
    let deadline = Instant::now() + PATIENCE;
    while site.get("app.workers.localhost")?.text() != confirmed {
        assert!(Instant::now() < deadline, "{confirmed} was confirmed\n{}", site.printed());
        std::thread::sleep(Duration::from_millis(20));
    }
    site.check_deploys("app")?;
    site.crash_and_restart()?;
    assert_eq!(versions(&site, "app")?, kept + 1);
    Ok(())
}

const AGE: Duration = Duration::from_secs(3600);

/// As if the edge had heard of the control plane for the last time so long ago.
fn make_older(edge: &Edge) -> Result<(), Failure> {
    let kept = File::options().write(true).open(edge.disk()?.seen().join("deployed.json"))?;
    Ok(kept.set_modified(SystemTime::now() - AGE)?)
}

fn kept_for(edge: &Edge) -> Result<Duration, Failure> {
    let modified = edge.disk()?.seen().join("deployed.json").metadata()?.modified()?;
    Ok(modified.elapsed().unwrap_or_default())
}

#[test]
fn an_edge_whose_disk_is_full_serves_on_tells_it_and_catches_up_by_itself() -> Result<(), Failure> {
    let control = Control::start()?;
    let mut edge = Edge::enrol_on(&control, "small", Disk::new(DISK_BYTES)?)?;
    control.deploy("app", "first")?;
    edge.until("app", "first")?;
    edge.disk()?.fill()?;
    control.deploy("app", "second")?;
    control.deploy("late", "comes later")?;
    edge.server.wait_for("the disk is full: free space there")?;
    let age = edge.metric("skerry_config_age_seconds")?;
    let deadline = Instant::now() + PATIENCE;
    while edge.metric("skerry_config_age_seconds")? < age + 1.0 {
        assert!(Instant::now() < deadline, "its age does not grow: {age} and {}", edge.metric("skerry_config_age_seconds")?);
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(edge.get("app")?, "first");
    none_half_written(&edge.disk()?.seen())?;
    // A restart is no word of the control plane.
    edge.server.signal("KILL")?;
    make_older(&edge)?;
    edge.restart()?;
    assert_eq!(edge.get("app")?, "first", "from a disk that is full");
    let age = edge.metric("skerry_config_age_seconds")?;
    assert!(age >= AGE.as_secs_f64(), "{age}");
    edge.server.wait_for("the disk is full: free space there")?;
    edge.disk()?.free()?;
    edge.until("app", "second")?;
    edge.until("late", "comes later")?;
    edge.server.signal("KILL")?;
    make_older(&edge)?;
    edge.restart()?;
    assert_eq!((edge.get("app")?, edge.get("late")?), ("second".to_owned(), "comes later".to_owned()));
    // Nothing has changed, and that was said: the next start knows it, too.
    let deadline = Instant::now() + PATIENCE;
    while edge.metric("skerry_config_age_seconds")? >= AGE.as_secs_f64() || kept_for(&edge)? >= AGE {
        assert!(Instant::now() < deadline, "it is from {:?} ago", kept_for(&edge)?);
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

#[test]
fn caches_on_a_full_disk_harm_nothing() -> Result<(), Failure> {
    let mut site = Site::start_on(Disk::new(DISK_BYTES)?)?;
    site.deploy("app", "one")?;
    site.until("app", "one")?;
    let cache = site.disk()?.seen().join("data/cache");
    site.kill();
    // As if they were never made: at the next start there is no room for them.
    for file in std::fs::read_dir(&cache)? {
        std::fs::remove_file(file?.path())?;
    }
    site.disk()?.fill()?;
    for _ in 0..2 {
        site.start_again()?;
        site.until("app", "one")?;
        none_half_written(&cache)?;
    }
    assert!(site.printed().contains("could not be kept"), "it is told\n{}", site.printed());
    site.disk()?.free()?;
    site.crash_and_restart()?;
    site.until("app", "one")?;
    assert!(std::fs::read_dir(&cache)?.count() > 0, "what could not be kept is kept now");
    Ok(())
}
