//! Live logs: whoever watches a worker gets an event for each of its requests, if it can keep up.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch as signal};

use super::Api;
use super::answer::{Answer, Answered, json_of};
use crate::control::Caller;
use crate::error::ControlError;

/// What wrangler speaks, and insists on.
const PROTOCOL: &str = "trace-v1";
/// By then somebody has to watch.
const UNWATCHED: Duration = Duration::from_secs(60);
/// As long as one connection may watch.
const LIFETIME: Duration = Duration::from_secs(6 * 60 * 60);
/// Events that wait for a slow watcher; those that come then are dropped.
const QUEUE: usize = 256;
const TAILS_PER_WORKER_MAX: usize = 10;

/// A request of a worker, as `wrangler tail` shows it.
#[derive(Debug, Clone)]
pub struct TailEvent(pub Value);

/// Everybody who watches.
#[derive(Default)]
pub struct Tails {
    /// By their ids, which are hard to guess: they are all that the watcher's connection has to show.
    all: Mutex<HashMap<String, Tail>>,
    count: AtomicUsize,
    /// For edges: workers that are watched, each with the part of its requests that somebody wants.
    watched: signal::Sender<BTreeMap<String, f64>>,
}

struct Tail {
    worker_id: String,
    filters: Vec<Filter>,
    events: mpsc::Sender<TailEvent>,
    /// Until somebody takes it.
    receiver: Option<mpsc::Receiver<TailEvent>>,
    created: Instant,
}

/// All of them have to let an event through.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Filter {
    SamplingRate(f64),
    Outcome(Vec<String>),
    Method(Vec<String>),
    Header {
        key: String,
        query: Option<String>,
    },
    ClientIp(Vec<String>),
    Query(String),
    #[serde(rename = "scriptVersion")]
    ScriptVersion(String),
}

impl Tails {
    /// Whether anybody watches any worker: else there is nothing to be told.
    pub fn is_any(&self) -> bool {
        self.count.load(Ordering::Relaxed) > 0
    }

    /// The part of the worker's requests that somebody wants, if anybody watches it. Asked for each request, whoever else is watched.
    pub fn rate(&self, worker_id: &str) -> Option<f64> {
        if !self.is_any() {
            return None;
        }
        self.watched.borrow().get(worker_id).copied()
    }

    /// Workers that are watched, and word of every change.
    pub(crate) fn watched(&self) -> signal::Receiver<BTreeMap<String, f64>> {
        self.watched.subscribe()
    }

    /// `rate` is the part of the worker's requests of which events come.
    pub fn publish(&self, worker_id: &str, event: &TailEvent, rate: f64) {
        for tail in self.all.lock().values().filter(|tail| tail.worker_id == worker_id) {
            if tail.filters.iter().all(|filter| filter.lets_through(&event.0, rate)) {
                // Who is too slow misses some.
                let _dropped = tail.events.try_send(event.clone());
            }
        }
    }

    fn add(&self, worker_id: &str, filters: Vec<Filter>) -> Result<String, ControlError> {
        let mut all = self.all.lock();
        all.retain(|_, tail| tail.receiver.is_none() || tail.created.elapsed() < UNWATCHED);
        if all.values().filter(|tail| tail.worker_id == worker_id).count() >= TAILS_PER_WORKER_MAX {
            let text = format!("{TAILS_PER_WORKER_MAX} others watch this worker already: wait until one of them ends");
            return Err(ControlError::new(StatusCode::TOO_MANY_REQUESTS, 10057, text));
        }
        let id = format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
        let (events, receiver) = mpsc::channel(QUEUE);
        let tail = Tail { worker_id: worker_id.to_owned(), filters, events, receiver: Some(receiver), created: Instant::now() };
        all.insert(id.clone(), tail);
        self.tell(&all);
        Ok(id)
    }

    fn take(&self, id: &str) -> Option<mpsc::Receiver<TailEvent>> {
        self.all.lock().get_mut(id)?.receiver.take()
    }

    fn remove(&self, id: &str) {
        let mut all = self.all.lock();
        all.remove(id);
        self.tell(&all);
    }

    fn tell(&self, all: &HashMap<String, Tail>) {
        self.count.store(all.len(), Ordering::Relaxed);
        let mut watched = BTreeMap::new();
        for tail in all.values() {
            let rate = watched.entry(tail.worker_id.clone()).or_insert(0.0);
            *rate = f64::max(*rate, tail.rate());
        }
        self.watched.send_if_modified(|before| std::mem::replace(before, watched) != *before);
    }
}

impl Tail {
    /// The part of the requests that is wanted, before anything is known of them.
    fn rate(&self) -> f64 {
        let rates = self.filters.iter().filter_map(|filter| match filter {
            Filter::SamplingRate(rate) => Some(rate.clamp(0.0, 1.0)),
            _ => None,
        });
        rates.product()
    }
}

impl Filter {
    /// `sampled` is the part of all events that comes to here.
    fn lets_through(&self, event: &Value, sampled: f64) -> bool {
        let request = &event["event"]["request"];
        let is_among = |all: &[String], value: &Value| {
            value.as_str().is_some_and(|value| all.iter().any(|one| one.eq_ignore_ascii_case(value)))
        };
        match self {
            Self::SamplingRate(rate) => random() * sampled < *rate,
            Self::Outcome(outcomes) => is_among(outcomes, &event["outcome"]),
            Self::Method(methods) => is_among(methods, &request["method"]),
            Self::ScriptVersion(id) => event["scriptVersion"]["id"] == id.as_str(),
            Self::ClientIp(addresses) => is_among(addresses, &request["headers"]["cf-connecting-ip"]),
            Self::Header { key, query } => {
                let value = request["headers"][key.to_ascii_lowercase()].as_str();
                value.is_some_and(|value| query.as_ref().is_none_or(|query| value.contains(query)))
            }
            Self::Query(text) => {
                event["logs"].as_array().into_iter().flatten().any(|log| log["message"].to_string().contains(text))
            }
        }
    }
}

/// From 0 to 1.
fn random() -> f64 {
    let bytes = *uuid::Uuid::new_v4().as_bytes();
    f64::from(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])) / f64::from(u32::MAX)
}

#[derive(Deserialize)]
struct NewTail {
    #[serde(default)]
    filters: Vec<Filter>,
}

pub async fn create(
    State(api): State<Arc<Api>>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    caller: Caller,
    Path((account, name)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Answered {
    caller.require_account(&account)?;
    let (worker, _) = api.control.worker(&account, &name).await?;
    let NewTail { mut filters } = if body.is_empty() { NewTail { filters: Vec::new() } } else { json_of(&body)? };
    for filter in &mut filters {
        if let Filter::ClientIp(addresses) = filter {
            for address in addresses.iter_mut().filter(|address| *address == "self") {
                *address = client.ip().to_string();
            }
        }
    }
    let id = api.tails.add(&worker.id, filters)?;
    let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let scheme = if headers.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https") { "wss" } else { "ws" };
    let expires = chrono::Utc::now() + LIFETIME;
    let expires = expires.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    Ok(Answer(json!({ "id": id, "url": format!("{scheme}://{host}/tails/{id}"), "expires_at": expires })))
}

pub async fn end(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path((account, _, id)): Path<(String, String, String)>,
) -> Answered {
    caller.require_account(&account)?;
    api.tails.remove(&id);
    Ok(Answer(Value::Null))
}

/// The watcher's connection.
pub async fn watch(State(api): State<Arc<Api>>, Path(id): Path<String>, upgrade: WebSocketUpgrade) -> Response {
    let Some(events) = api.tails.take(&id) else {
        return ControlError::new(StatusCode::NOT_FOUND, 10023, "There is no such tail, or somebody watches it: start another")
            .into_response();
    };
    // wrangler's first frame is not masked.
    let upgrade = upgrade.accept_unmasked_frames(true).protocols([PROTOCOL]).max_message_size(64 << 10);
    upgrade.on_upgrade(async move |socket| {
        let _over = tokio::time::timeout(LIFETIME, pass_on(socket, events)).await;
        api.tails.remove(&id);
    })
}

async fn pass_on(mut socket: WebSocket, mut events: mpsc::Receiver<TailEvent>) {
    loop {
        tokio::select! {
            event = events.recv() => {
                let Some(TailEvent(event)) = event else { break };
                if socket.send(Message::Text(event.to_string().into())).await.is_err() {
                    return;
                }
            }
            // Pings are answered by the library.
            message = socket.recv() => match message {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => {}
            },
        }
    }
    let _gone = socket.send(Message::Close(None)).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_learns_whether_it_is_watched_while_the_list_of_tails_is_in_use() -> Result<(), Box<dyn std::error::Error>> {
        let tails = Arc::new(Tails::default());
        let ids = [0.25, 0.5].map(|rate| tails.add("a", vec![Filter::SamplingRate(rate)]));
        tails.add("b", Vec::new())?;
        let rates = |tails: &Arc<Tails>| {
            let (tails, (sender, receiver)) = (tails.clone(), std::sync::mpsc::channel());
            std::thread::spawn(move || sender.send(["a", "b", "c"].map(|id| tails.rate(id))));
            receiver.recv_timeout(Duration::from_secs(30))
        };
        let in_use = tails.all.lock();
        assert_eq!(rates(&tails)?, [Some(0.5), Some(1.0), None]);
        drop(in_use);
        for id in ids {
            tails.remove(&id?);
        }
        assert_eq!(rates(&tails)?, [None, Some(1.0), None]);
        Ok(())
    }

    #[test]
    fn filters_let_through_what_they_name() -> Result<(), serde_json::Error> {
        let event = json!({
            "outcome": "exception", "scriptVersion": { "id": "v1" },
            "event": { "request": { "method": "GET", "url": "http://a/", "headers": { "x-a": "bcd", "cf-connecting-ip": "10.0.0.1" } } },
            "logs": [{ "message": ["hello", { "a": 1 }] }], "exceptions": [],
        });
        let good = [
            json!({ "sampling_rate": 1.1 }),
            json!({ "outcome": ["exception", "unknown"] }),
            json!({ "method": ["GET"] }),
            json!({ "header": { "key": "X-A", "query": "c" } }),
            json!({ "header": { "key": "x-a" } }),
            json!({ "client_ip": ["10.0.0.1"] }),
            json!({ "query": "hello" }),
            json!({ "scriptVersion": "v1" }),
        ];
        for filter in good {
            assert!(serde_json::from_value::<Filter>(filter.clone())?.lets_through(&event, 1.0), "{filter}");
        }
        let bad = [
            json!({ "sampling_rate": -0.1 }),
            json!({ "outcome": ["ok"] }),
            json!({ "method": ["POST"] }),
            json!({ "header": { "key": "x-a", "query": "z" } }),
            json!({ "header": { "key": "x-b" } }),
            json!({ "client_ip": ["10.0.0.2"] }),
            json!({ "query": "nothing" }),
            json!({ "scriptVersion": "v2" }),
        ];
        for filter in bad {
            assert!(!serde_json::from_value::<Filter>(filter.clone())?.lets_through(&event, 1.0), "{filter}");
        }
        assert!(serde_json::from_value::<Filter>(json!({ "unknown": 1 })).is_err());
        Ok(())
    }
}
