//! Files of a data folder that were damaged: what can be made anew is, what cannot is refused by its name, and all else goes on.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use skerry_tests::server::Server;
use tempfile::TempDir;

use super::Failure;
use super::load::{self, ask, is_told};

/// A data folder in which two objects, "victim" and "other", have written tokens 1 to 9, and that no process has.
struct Written {
    folder: TempDir,
    config: PathBuf,
}

impl Written {
    fn new() -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let config = load::configure(folder.path(), "")?;
        let written = Self { folder, config };
        let node = written.start()?;
        for name in ["victim", "other"] {
            assert_eq!(ask(node.address(), &format!("/write/{name}/putMany/1/9"))?, "written");
        }
        node.signal("TERM")?;
        let (code, printed) = node.exit()?;
        assert_eq!(code, 0, "{printed}");
        Ok(written)
    }

    fn start(&self) -> Result<Server, Failure> {
        Ok(Server::start_edge(&self.config, &["--log-level", "warn"])?)
    }

    fn objects(&self) -> PathBuf {
        self.folder.path().join("objects")
    }

    /// All of it in one file, and no database left that need not be made from it.
    fn engine(&self) -> Result<Connection, Failure> {
        fs::remove_dir_all(self.objects().join("cache"))?;
        let connection = Connection::open(self.objects().join("engine.db"))?;
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(connection)
    }
}

const WRITTEN: &str = "1 2 3 4 5 6 7 8 9";

/// Everything is served, and goes on.
fn is_whole(node: &Server, name: &str) -> Result<(), Failure> {
    assert_eq!(ask(node.address(), &format!("/journal/{name}"))?, WRITTEN);
    assert_eq!(ask(node.address(), &format!("/write/{name}/sql/100/1"))?, "written");
    assert_eq!(ask(node.address(), &format!("/journal/{name}"))?, format!("{WRITTEN} 100"));
    Ok(())
}

/// The databases of objects that the node has kept, with the marks that say so.
fn kept(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(kept(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "db") {
            found.push(path);
        }
    }
    Ok(found)
}

#[test]
fn a_database_that_is_not_what_was_kept_is_made_anew() -> Result<(), Failure> {
    for damage in [
        |bytes: &mut Vec<u8>| bytes[5000] ^= 1,
        |bytes: &mut Vec<u8>| bytes.truncate(4096),
        |bytes: &mut Vec<u8>| {
            bytes.clear();
        },
    ] {
        let written = Written::new()?;
        let files = kept(&written.objects().join("cache"))?;
        assert_eq!(files.len(), 2, "both were closed cleanly");
        for file in files {
            let mut bytes = fs::read(&file)?;
            damage(&mut bytes);
            fs::write(&file, bytes)?;
        }
        let node = written.start()?;
        is_whole(&node, "victim")?;
        is_whole(&node, "other")?;
    }
    Ok(())
}

#[test]
fn an_object_with_a_damaged_record_is_refused_by_its_name_and_others_go_on() -> Result<(), Failure> {
    let one = "(SELECT log.key FROM log JOIN objects ON objects.key = log.object WHERE name = 'victim' ORDER BY position LIMIT 1 OFFSET 4)";
    for damage in [
        format!(
            "UPDATE log SET record = CAST(substr(record, 1, 300) || x'5a5b' || substr(record, 303) AS BLOB) WHERE key = {one}"
        ),
        format!("UPDATE log SET record = substr(record, 1, 300) WHERE key = {one}"),
        format!("UPDATE log SET record = x'' WHERE key = {one}"),
        format!("UPDATE log SET record = (SELECT record FROM log AS l WHERE l.key = log.key + 1) WHERE key = {one}"),
        format!("DELETE FROM log WHERE key = {one}"),
    ] {
        let written = Written::new()?;
        let engine = written.engine()?;
        assert_eq!(engine.execute(&damage, [])?, 1, "{damage}");
        let id: String = engine.query_row("SELECT lower(hex(id)) FROM objects WHERE name = 'victim'", [], |row| row.get(0))?;
        drop(engine);
        let node = written.start()?;
        is_whole(&node, "other")?;
        for path in ["/journal/victim", "/write/victim/sql/100/1", "/journal/victim"] {
            assert!(ask(node.address(), path).is_err(), "{path} is served: {damage}");
        }
        node.wait_for(&format!("object {id} is damaged at position 5"))?;
        // Those who may be strangers hear of their object, and nothing of the node's files.
        let told = is_told(node.address(), "/journal/victim")?;
        assert!(told.contains(&id) && !told.contains("engine.db"), "{told}");
    }
    Ok(())
}

#[test]
fn a_store_that_is_cut_off_or_gone_is_refused_and_nothing_is_begun_anew() -> Result<(), Failure> {
    for kept_percent in [0, 1, 30, 70] {
        let written = Written::new()?;
        drop(written.engine()?);
        let file = written.objects().join("engine.db");
        let whole = fs::read(&file)?;
        fs::write(&file, &whole[..whole.len() * kept_percent / 100])?;
        let node = written.start()?;
        for name in ["victim", "other"] {
            for path in [format!("/journal/{name}"), format!("/write/{name}/sql/100/1")] {
                assert!(ask(node.address(), &path).is_err(), "{path} is served from {kept_percent} % of engine.db");
            }
        }
        node.wait_for("the data folder from a backup")?;
        drop(node);
        // As an operator does who has a backup.
        for left in ["engine.db-wal", "engine.db-shm"] {
            let _may_not_be_there = fs::remove_file(written.objects().join(left));
        }
        fs::write(&file, whole)?;
        is_whole(&written.start()?, "victim")?;
    }
    Ok(())
}
