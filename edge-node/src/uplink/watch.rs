//! What the control plane wants to hear about workers, beyond how far this edge is: live events, and figures of versions.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use skerry_protocol::Watched;
use tokio::sync::mpsc;

use super::Uplink;

/// Events that wait to be sent; those that come then are dropped: no request waits for who follows it.
const QUEUE: usize = 1_024;
/// Sent at once, at most.
const BATCH: usize = 64;
const BATCH_BYTES: usize = 512 << 10;
/// Between two batches: what comes within it goes together.
const PAUSE: Duration = Duration::from_millis(50);

/// Workers that are watched, and the way of their events to the control plane.
#[derive(Debug)]
pub struct Watch {
    workers: ArcSwap<HashMap<String, Watched>>,
    sender: mpsc::Sender<String>,
    receiver: Mutex<Option<mpsc::Receiver<String>>>,
    dropped: AtomicU64,
}

impl Default for Watch {
    fn default() -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE);
        Self { workers: ArcSwap::default(), sender, receiver: Mutex::new(Some(receiver)), dropped: AtomicU64::new(0) }
    }
}

impl Watch {
    pub(super) fn set(&self, workers: Vec<Watched>) {
        self.workers.store(Arc::new(workers.into_iter().map(|watched| (watched.worker.clone(), watched)).collect()));
    }

    /// The part of the worker's requests of which events are wanted, if any are.
    pub fn rate(&self, worker_id: &str) -> Option<f64> {
        let workers = self.workers.load();
        if workers.is_empty() {
            return None;
        }
        workers.get(worker_id).map(|watched| watched.events).filter(|rate| *rate > 0.0)
    }

    /// Ids of workers of which figures are wanted.
    pub(super) fn figures_wanted(&self) -> Vec<String> {
        let workers = self.workers.load();
        workers.values().filter(|watched| watched.has_figures).map(|watched| watched.worker.clone()).collect()
    }

    /// Sends a request's event, soon, unless there are too many.
    pub fn publish(&self, worker_id: &str, event: &serde_json::Value, rate: f64) {
        let text = serde_json::json!({ "worker": worker_id, "rate": rate, "event": event }).to_string();
        if self.sender.try_send(text).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Events that nobody saw, because there were too many.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

impl Uplink {
    /// Sends events for as long as it is polled.
    pub(super) async fn send_events(&self) {
        let Some(mut events) = self.watch.receiver.lock().take() else { return std::future::pending().await };
        while let Some(first) = events.recv().await {
            let mut body = format!("[{first}");
            let mut count = 1;
            while count < BATCH
                && body.len() < BATCH_BYTES
                && let Ok(event) = events.try_recv()
            {
                body.push(',');
                body.push_str(&event);
                count += 1;
            }
            body.push(']');
            if let Err(error) = self.post("/v1/edges/events", body.into_bytes()).await {
                self.watch.dropped.fetch_add(count as u64, Ordering::Relaxed);
                tracing::debug!(%error, "events of watched workers were not taken");
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_not_watched_costs_nothing_and_too_many_events_are_counted() {
        let watch = Watch::default();
        assert_eq!(watch.rate("a"), None);
        let watched = |worker: &str, events, has_figures| Watched { worker: worker.to_owned(), events, has_figures };
        watch.set(vec![watched("a", 0.5, false), watched("b", 0.0, true)]);
        assert_eq!((watch.rate("a"), watch.rate("b"), watch.figures_wanted()), (Some(0.5), None, vec!["b".to_owned()]));
        for _ in 0..QUEUE + 7 {
            watch.publish("a", &serde_json::Value::Null, 1.0);
        }
        assert_eq!(watch.dropped(), 7);
        watch.set(Vec::new());
        assert_eq!(watch.rate("a"), None);
    }
}
