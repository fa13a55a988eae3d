//! An isolate, and a node that keeps what its objects write.

use std::collections::{HashMap, VecDeque};
use std::error::Error;
use std::fs::OpenOptions;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Method};
use skerry_runtime::messages::{
    AlarmEvent, Body, Entrypoint, Event, EventId, Failure, FetchEvent, FromIsolate, Handler, ObjectCommit, ObjectEvent,
    ObjectFile, ObjectIds, PAGE_BYTES, RequestHead, ToIsolate,
};
use skerry_runtime::{
    Budget, CodeCache, IsolateHandle, Isolates, Job, Limits, Module, ModuleKind, ObjectBinding, Pool, Tenant, WorkerCode,
};

pub type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Nothing takes so long.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Isolate {
    handle: Arc<dyn IsolateHandle>,
    _pool: Pool,
    inbox: mpsc::Receiver<FromIsolate>,
    /// Heard, and not looked at yet.
    heard: VecDeque<FromIsolate>,
    next: EventId,
    pub entrypoints: Vec<Entrypoint>,
    /// By object.
    objects: HashMap<EventId, Replica>,
    folder: tempfile::TempDir,
    /// Commits are acknowledged as they come.
    pub acknowledges: bool,
}

/// What the log makes of an object's commits.
#[derive(Default)]
pub struct Replica {
    pub commits: u64,
    pub alarm_ms: Option<u64>,
    pub messages: usize,
    bytes: Vec<u8>,
    path: PathBuf,
}

/// How an event was answered.
#[derive(Debug)]
pub enum Answer {
    Response { status: u16, text: String },
    Failed(Failure),
}

impl Answer {
    pub fn text(self) -> Outcome<String> {
        match self {
            Self::Response { text, .. } => Ok(text),
            Self::Failed(failure) => Err(format!("{failure:?}").into()),
        }
    }

    pub fn failure(self) -> Outcome<Failure> {
        match self {
            Self::Failed(failure) => Ok(failure),
            Self::Response { status, text } => Err(format!("{status} {text}").into()),
        }
    }
}

impl Isolate {
    pub fn start() -> Outcome<Self> {
        let binding = |binding: &str, namespace: &str| ObjectBinding {
            binding: binding.to_owned(),
            namespace: namespace.to_owned(),
            class: "Room".to_owned(),
        };
        let code = WorkerCode {
            name: "objects".to_owned(),
            main: "worker.js".to_owned(),
            modules: vec![Module {
                name: "worker.js".to_owned(),
                kind: ModuleKind::EsModule,
                content: Bytes::from_static(include_bytes!("worker.js")),
                source_map: None,
            }],
            env: "{}".to_owned(),
            objects: vec![binding("ROOMS", &"1".repeat(32)), binding("OTHERS", &"2".repeat(32))],
            ..WorkerCode::default()
        };
        let limits = Limits { cpu_per_event: Duration::from_secs(1), start_cpu: Duration::from_secs(10), ..Limits::default() };
        let pool = Pool::new(0..=1, &limits, CodeCache::default(), Budget::new(4 << 30))?;
        let (sender, inbox) = mpsc::channel();
        let outbox = Arc::new(move |message| drop(sender.send(message)));
        let job = Job { tenant: Tenant::default(), code: Arc::new(code), limits, outbox };
        let handle = pool.start(job).map_err(|failure| failure.message)?;
        let mut isolate = Self {
            handle,
            _pool: pool,
            inbox,
            heard: VecDeque::new(),
            next: 1,
            entrypoints: Vec::new(),
            objects: HashMap::new(),
            folder: tempfile::tempdir()?,
            acknowledges: true,
        };
        let ready = isolate.wait(|message| matches!(message, FromIsolate::Ready { .. } | FromIsolate::StartFailed { .. }))?;
        match ready {
            FromIsolate::Ready { entrypoints } => isolate.entrypoints = entrypoints,
            other => return Err(format!("{other:?}").into()),
        }
        Ok(isolate)
    }

    pub fn send(&self, message: ToIsolate) -> Outcome {
        self.handle.send(message).map_err(|message| format!("the isolate does not take {message:?}").into())
    }

    pub fn event(&mut self, event: Event) -> Outcome<EventId> {
        let id = self.next;
        self.next += 1;
        self.send(ToIsolate::Event { id, event })?;
        Ok(id)
    }

    /// Opens an object over the file of this name, whose database is what its last life has left.
    pub fn open(&mut self, class: &str, name: &str) -> Outcome<EventId> {
        let path = self.folder.path().join(name);
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)?;
        let before = self.objects.values().filter(|replica| replica.path == path).max_by_key(|replica| replica.commits);
        let commits = before.map_or(0, |replica| replica.commits);
        let event = ObjectEvent {
            class: class.to_owned(),
            id: ObjectIds::new(&"1".repeat(32)).of_name(name, None),
            name: Some(name.to_owned()),
            file: ObjectFile(Some(file.into())),
            commits,
        };
        let number = self.event(Event::Object(Box::new(event)))?;
        let bytes = std::fs::read(&path)?;
        self.objects.insert(number, Replica { commits, bytes, path, ..Replica::default() });
        Ok(number)
    }

    pub fn replica(&self, object: EventId) -> &Replica {
        &self.objects[&object]
    }

    pub fn fetch(&mut self, handler: Handler, path: &str) -> Outcome<EventId> {
        let request = RequestHead { method: Method::GET, url: format!("http://localhost/{path}"), headers: HeaderMap::new() };
        self.event(Event::Fetch(FetchEvent { handler, request, body: Body::Empty, cf: None }))
    }

    /// Has an object do what the path says.
    pub fn ask(&mut self, object: EventId, path: &str) -> Outcome<Answer> {
        let event = self.fetch(Handler::Object(object), path)?;
        self.answer(event)
    }

    pub fn text(&mut self, object: EventId, path: &str) -> Outcome<String> {
        self.ask(object, path)?.text()
    }

    pub fn alarm(&mut self, object: EventId, scheduled_ms: u64, retries: u32) -> Outcome<Answer> {
        let event = self.event(Event::Alarm(AlarmEvent { object, scheduled_ms, retries }))?;
        self.answer(event)
    }

    pub fn answer(&mut self, event: EventId) -> Outcome<Answer> {
        let message = self.wait(|message| {
            matches!(message, FromIsolate::Response { event: id, .. } | FromIsolate::Failed { event: id, .. } if *id == event)
        })?;
        Ok(match message {
            FromIsolate::Response { head, body, .. } => {
                let text = match body {
                    Body::Full(bytes) => String::from_utf8(bytes.into())?,
                    Body::Empty => String::new(),
                    other => return Err(format!("the body is {other:?}").into()),
                };
                Answer::Response { status: head.status.as_u16(), text }
            }
            FromIsolate::Failed { failure, .. } => Answer::Failed(failure),
            other => return Err(format!("{other:?}").into()),
        })
    }

    pub fn wait_done(&mut self, event: EventId) -> Outcome {
        self.wait(|message| matches!(message, FromIsolate::Done { event: id, .. } if *id == event)).map(drop)
    }

    /// Closes an object, and looks whether its file is what it has written.
    pub fn close(&mut self, object: EventId) -> Outcome {
        self.send(ToIsolate::Cancel { id: object })?;
        self.wait_done(object)?;
        self.check_file(object)
    }

    /// The object's file is its log, byte for byte.
    pub fn check_file(&self, object: EventId) -> Outcome {
        let replica = self.replica(object);
        let file = std::fs::read(&replica.path)?;
        if file == replica.bytes {
            return Ok(());
        }
        let differs = file.iter().zip(&replica.bytes).position(|(one, other)| one != other);
        Err(format!("the file has {} bytes, its log {}; they differ from {differs:?} on", file.len(), replica.bytes.len()).into())
    }

    pub fn acknowledge(&self, object: EventId, number: u64) -> Outcome {
        self.send(ToIsolate::ObjectDurable { object, number })
    }

    /// The first message of which `is_it` is true; what came before stays to be looked at.
    pub fn wait(&mut self, is_it: impl Fn(&FromIsolate) -> bool) -> Outcome<FromIsolate> {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(at) = self.heard.iter().position(&is_it) {
                return self.heard.remove(at).ok_or_else(|| "it is there".into());
            }
            let Ok(message) = self.inbox.recv_timeout(until.saturating_duration_since(Instant::now())) else {
                return Err(format!("it does not come; heard were {:?}", self.heard).into());
            };
            if let FromIsolate::ObjectCommit(commit) = &message {
                self.commit(commit)?;
            }
            self.heard.push_back(message);
        }
    }

    fn commit(&mut self, commit: &ObjectCommit) -> Outcome {
        let replica = self.objects.get_mut(&commit.object).ok_or("a commit of an object that there is not")?;
        if commit.number != replica.commits + 1 {
            return Err(format!("commit {} comes after {}", commit.number, replica.commits).into());
        }
        if commit.pages.pages.len() > 192 {
            return Err(format!("{} pages come at once", commit.pages.pages.len()).into());
        }
        let length = commit.pages.page_count as usize * PAGE_BYTES;
        replica.bytes.resize(length, 0);
        for page in &commit.pages.pages {
            let start = (page.number as usize - 1) * PAGE_BYTES;
            replica.bytes[start..start + PAGE_BYTES].copy_from_slice(&page.bytes);
        }
        replica.messages += 1;
        if !commit.has_more {
            replica.commits = commit.number;
            replica.alarm_ms = commit.alarm_ms;
            if self.acknowledges {
                self.acknowledge(commit.object, commit.number)?;
            }
        }
        Ok(())
    }

    /// What has been heard and not looked at, as the names of the messages, with the event where it is one's.
    pub fn order(&self) -> Vec<String> {
        let name = |message: &FromIsolate| match message {
            FromIsolate::ObjectCommit(commit) => format!("commit {} of {}", commit.number, commit.object),
            FromIsolate::Response { event, .. } => format!("response {event}"),
            FromIsolate::Failed { event, .. } => format!("failed {event}"),
            FromIsolate::Done { event, .. } => format!("done {event}"),
            FromIsolate::Subrequest { .. } => "subrequest".to_owned(),
            other => format!("{other:?}"),
        };
        self.heard.iter().map(name).collect()
    }

    pub fn forget(&mut self) {
        self.heard.clear();
    }
}
