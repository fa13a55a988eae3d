//! Clients of objects that write all that can be written, and the history of what they were told.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use skerry_objects::checker::{Happening, Token};
use skerry_tests::client;
use skerry_tests::server::PATIENCE;

use super::Failure;
use super::wire::{Use, Wire};

pub const HOST: &str = "keeper.example";
/// How turns write (`keeper.js`).
const WAYS: [&str; 6] = ["put", "putMany", "kv", "sql", "transactionSync", "transaction"];
/// Turns of one request.
const TURNS_MAX: u64 = 4;
/// One request in so many does each of these.
const UNDO_EACH: u64 = 5;
const ARM_EACH: u64 = 3;

/// Makes the project of the objects in a folder, and gives the table of a node's configuration that serves it.
fn project(folder: &Path) -> Result<String, Failure> {
    let project = folder.join("keeper");
    std::fs::create_dir_all(&project)?;
    std::fs::write(project.join("index.js"), include_str!("keeper.js"))?;
    let config = r#"{
        "name": "keeper", "main": "index.js", "compatibility_date": "2026-01-01",
        "durable_objects": { "bindings": [{ "name": "Keeper", "class_name": "Keeper" }, { "name": "Bells", "class_name": "Bells" }] },
        "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Keeper", "Bells"] }]
    }"#;
    std::fs::write(project.join("wrangler.json"), config)?;
    Ok(format!("[[worker]]\npath = \"keeper\"\nroutes = [\"{HOST}/*\"]\n"))
}

/// Writes the configuration of a node in a folder that serves them, with more tables. Gives its file.
pub fn configure(folder: &Path, tables: &str) -> Result<PathBuf, Failure> {
    let worker = project(folder)?;
    let config = folder.join("node.toml");
    std::fs::write(&config, format!("listen = \"127.0.0.1:0\"\n{tables}[objects]\nfolder = \"objects\"\n{worker}"))?;
    Ok(config)
}

/// What an object's worker is told that cannot have its answer.
pub fn is_told(address: SocketAddr, path: &str) -> Result<String, Failure> {
    match ask(address, &format!("{path}?told")) {
        Ok(told) if told.starts_with("told ") => Ok(told),
        other => Err(format!("{path} was to fail: {other:?}").into()),
    }
}

/// What one object's worker answers with 200; otherwise what else it says.
pub fn ask(address: SocketAddr, path: &str) -> Result<String, Failure> {
    let answer = client::request(address, "GET", path, &[("host", HOST)], b"")?;
    let text = answer.text();
    if answer.status == 200 { Ok(text) } else { Err(format!("{path}: {} {text}", answer.status).into()) }
}

/// One object, who writes it and what happened to it.
pub struct Keeper {
    number: u8,
    next: AtomicU64,
    epoch: AtomicU64,
    history: Mutex<Vec<Happening>>,
    /// The last alarm that was confirmed to be set, which nobody has set again since.
    armed: AtomicU64,
    /// Tokens that were heard of on WebSockets.
    heard: AtomicU64,
}

impl Keeper {
    pub fn new(number: u8) -> Self {
        Self {
            number,
            next: AtomicU64::new(1),
            epoch: AtomicU64::new(0),
            history: Mutex::default(),
            armed: AtomicU64::new(0),
            heard: AtomicU64::new(0),
        }
    }

    fn name(&self) -> String {
        format!("keeper-{}", self.number)
    }

    fn note(&self, happening: Happening) {
        self.history.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(happening);
    }

    pub fn confirmed(&self) -> usize {
        let history = self.history.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        history.iter().filter(|happening| matches!(happening, Happening::Confirmed { .. })).count()
    }

    pub fn heard(&self) -> u64 {
        self.heard.load(Ordering::SeqCst)
    }

    /// What is there now, where nobody writes.
    pub fn journal(&self, address: SocketAddr) -> Result<Vec<Token>, Failure> {
        let text = ask(address, &format!("/journal/{}", self.name()))?;
        if let Some(wrong) = text.strip_prefix('!') {
            return Err(format!("{}:{wrong}", self.name()).into());
        }
        Ok(text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?)
    }

    /// Somebody else runs the object from here on: what it finds is noted.
    pub fn begin(&self, address: SocketAddr) -> Result<(), Failure> {
        let found = self.journal(address)?;
        let epoch = self.epoch.fetch_add(1, Ordering::SeqCst) + 1;
        self.note(Happening::Owned { object: self.number, epoch, node: 0, found });
        Ok(())
    }

    /// Writes by requests and by messages until it is told to stop, or until an answer is none; says whether that was so.
    pub fn write(&self, address: SocketAddr, stop: &AtomicBool) -> Result<bool, Failure> {
        let Ok(mut wire) = self.wire(address, Use::Writes) else { return Ok(true) };
        while !stop.load(Ordering::SeqCst) {
            if !self.write_once(address)? || !self.write_over(&mut wire)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// One request to write. False where it has no answer: what it wrote may be there or not.
    pub fn write_tokens(&self, address: SocketAddr) -> Result<bool, Failure> {
        self.write_by(|what| ask(address, &format!("/write/{}/{what}", self.name())).is_ok())
    }

    /// The same by a message.
    pub fn write_over(&self, wire: &mut Wire) -> Result<bool, Failure> {
        self.write_by(|what| wire.ask(what).is_ok())
    }

    pub fn wire(&self, address: SocketAddr, what_for: Use) -> Result<Wire, Failure> {
        Wire::open(address, &self.name(), what_for)
    }

    fn write_by(&self, says: impl FnOnce(&str) -> bool) -> Result<bool, Failure> {
        let (object, epoch) = (self.number, self.epoch.load(Ordering::SeqCst));
        let first = self.next.load(Ordering::SeqCst);
        let count = 1 + first % TURNS_MAX;
        let way = WAYS[usize::try_from(first)? % WAYS.len()];
        self.next.store(first + count, Ordering::SeqCst);
        (first..first + count).for_each(|token| self.note(Happening::Wrote { object, epoch, token }));
        if !says(&format!("{way}/{first}/{count}")) {
            return Ok(false);
        }
        (first..first + count).for_each(|token| self.note(Happening::Confirmed { object, token }));
        Ok(true)
    }

    /// The same, and now and then something that is undone, and an alarm.
    pub fn write_once(&self, address: SocketAddr) -> Result<bool, Failure> {
        let first = self.next.load(Ordering::SeqCst);
        if !self.write_tokens(address)? {
            return Ok(false);
        }
        if first.is_multiple_of(UNDO_EACH) && ask(address, &format!("/undo/{}", self.name())).is_err() {
            return Ok(false);
        }
        if first.is_multiple_of(ARM_EACH) {
            // It may be set, or not, until that is confirmed.
            self.armed.store(0, Ordering::SeqCst);
            let delay = first * 37 % 300;
            if ask(address, &format!("/arm/{}/{first}/{delay}", self.name())).is_err() {
                return Ok(false);
            }
            self.armed.store(first, Ordering::SeqCst);
        }
        Ok(true)
    }

    /// Hears of what others write, as long as the node and the object live.
    pub fn listen(&self, wire: &mut Wire) -> Result<(), Failure> {
        let mut last = 0;
        while let Ok(heard) = wire.hear() {
            let token: Token = heard.parse()?;
            if token <= last {
                return Err(format!("{}: {token} is heard of after {last}", self.name()).into());
            }
            last = token;
            self.heard.fetch_add(1, Ordering::SeqCst);
            self.note(Happening::Seen { object: self.number, tokens: vec![token] });
        }
        Ok(())
    }

    /// Reads while others write, until it is told to stop or an answer is none.
    pub fn watch(&self, address: SocketAddr, stop: &AtomicBool) {
        while !stop.load(Ordering::SeqCst) {
            let Ok(last) = ask(address, &format!("/last/{}", self.name())) else { return };
            let Ok(last) = last.parse() else { return };
            if last > 0 {
                self.note(Happening::Seen { object: self.number, tokens: vec![last] });
            }
        }
    }

    /// The alarm that was set last rings, although nobody asks the object for anything.
    pub fn rings(&self, address: SocketAddr) -> Result<(), Failure> {
        let armed = self.armed.load(Ordering::SeqCst);
        let deadline = Instant::now() + PATIENCE;
        loop {
            let heard: u64 = ask(address, &format!("/heard/{}", self.name()))?.parse()?;
            if heard >= armed {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(format!("{}: alarm {armed} was set, and the last that rang is {heard}", self.name()).into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The whole history, with what is left.
    pub fn history(&self, address: SocketAddr) -> Result<Vec<Happening>, Failure> {
        let tokens = self.journal(address)?;
        self.note(Happening::Left { object: self.number, tokens });
        Ok(self.history.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone())
    }
}
