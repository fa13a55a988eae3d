use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, Query, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use serde::Deserialize;
use skerry_protocol::{FeedMessage, Peer, Position, Watched, signing};
use tokio::sync::watch;

use super::SignedEdge;
use crate::api::Api;
use crate::error::ControlError;

/// An edge that hears nothing for much longer connects again.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// A part of a snapshot has about so many.
const PART_BYTES: usize = 1 << 20;
/// Revisions that are read at once.
const AT_ONCE: usize = 100;

#[derive(Deserialize)]
pub struct Wanted {
    /// The revision that the edge serves, and the epoch that made it; without both it gets a snapshot.
    after: Option<u64>,
    epoch: Option<String>,
    /// Where the edge is: it is told of others there.
    pop: Option<String>,
    /// For who cannot hold a stream: the answer ends when there is something, or after so many seconds.
    wait: Option<u64>,
}

/// Lines for one edge, one after another.
struct Lines {
    api: Arc<Api>,
    edge: String,
    nonce: String,
    index: u64,
    after: Option<Position>,
    ready: VecDeque<FeedMessage>,
    revisions: watch::Receiver<u64>,
    tails: watch::Receiver<BTreeMap<String, f64>>,
    rollouts: watch::Receiver<BTreeSet<String>>,
    /// What the edge was told to watch.
    watched: Vec<Watched>,
    pop: Option<String>,
    peers_changed: watch::Receiver<BTreeMap<String, (String, String)>>,
    /// Those that the edge was told of.
    peers: Vec<Peer>,
    /// When the answer ends, if it does.
    until: Option<tokio::time::Instant>,
    has_told: bool,
}

/// The feed: `SIGNATURE JSON` in each line, as long as the edge listens.
pub async fn stream(
    State(api): State<Arc<Api>>,
    Query(wanted): Query<Wanted>,
    request: Request,
) -> Result<Response, ControlError> {
    let edge = SignedEdge::from_request(request, &api).await?;
    let until = wanted.wait.map(|seconds| tokio::time::Instant::now() + Duration::from_secs(seconds.min(60)));
    let after = wanted.after.zip(wanted.epoch).map(|(revision, epoch)| Position { epoch, revision });
    let (revisions, tails, rollouts) = (api.control.revisions(), api.tails.watched(), api.rollouts.watched());
    let peers_changed = api.edges.peers.subscribe();
    let lines = Lines {
        api,
        edge: edge.id,
        nonce: edge.nonce,
        index: 0,
        after,
        ready: VecDeque::new(),
        revisions,
        tails,
        rollouts,
        watched: Vec::new(),
        pop: wanted.pop,
        peers_changed,
        peers: Vec::new(),
        until,
        has_told: false,
    };
    let body = stream::unfold(lines, async |mut lines| {
        let line = lines.next().await?;
        Some((Ok::<_, std::convert::Infallible>(line), lines))
    });
    Ok(([(CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(body)).into_response())
}

impl Lines {
    async fn next(&mut self) -> Option<Bytes> {
        let message = match self.message().await {
            Ok(message) => message?,
            Err(error) => {
                tracing::error!(%error, edge = self.edge, "the feed breaks off");
                return None;
            }
        };
        let json = serde_json::to_string(&message).ok()?;
        let signature = self.api.identity.sign(&signing::line(&self.nonce, self.index, &json));
        self.index += 1;
        Some(format!("{signature} {json}\n").into())
    }

    async fn message(&mut self) -> Result<Option<FeedMessage>, ControlError> {
        loop {
            if let Some(message) = self.ready.pop_front() {
                self.has_told = true;
                return Ok(Some(message));
            }
            if self.has_told && self.until.is_some() {
                return Ok(None);
            }
            let control = self.api.control.clone();
            if control.edge(&self.edge).await?.0.is_revoked {
                return Ok(None);
            }
            self.revisions.mark_unchanged();
            self.tails.mark_unchanged();
            self.rollouts.mark_unchanged();
            self.peers_changed.mark_unchanged();
            // First: it says where modules are that come next.
            if let Some(pop) = &self.pop {
                let peers = self.api.peers_in(pop, &self.edge).await?;
                if peers != self.peers {
                    self.peers.clone_from(&peers);
                    return Ok(Some(FeedMessage::Peers { peers }));
                }
            }
            let changes = match &self.after {
                Some(after) => control.live_changes(after, AT_ONCE).await?,
                None => None,
            };
            match changes {
                None => {
                    let snapshot = control.live_snapshot().await?;
                    self.after = position_of(&snapshot);
                    self.ready.extend(parts_of(snapshot));
                }
                Some(changes) if changes.is_empty() => {
                    let watched = self.api.watched();
                    if watched != self.watched {
                        self.watched.clone_from(&watched);
                        return Ok(Some(FeedMessage::Watch { workers: watched }));
                    }
                    if self.wait().await.is_err() {
                        self.has_told = true;
                        return Ok(self.after.clone().map(|at| FeedMessage::Heartbeat { at }));
                    }
                }
                Some(changes) => {
                    self.after = changes.last().and_then(position_of).or(self.after.take());
                    self.ready.extend(changes);
                }
            }
        }
    }

    /// Until there may be something to tell, or it is time for a heartbeat.
    async fn wait(&mut self) -> Result<(), tokio::time::error::Elapsed> {
        let until = self.until.unwrap_or_else(|| tokio::time::Instant::now() + HEARTBEAT);
        let something = async {
            tokio::select! {
                _ = self.revisions.changed() => {}
                _ = self.tails.changed() => {}
                _ = self.rollouts.changed() => {}
                _ = self.peers_changed.changed() => {}
            }
        };
        tokio::time::timeout_at(until, something).await
    }
}

fn position_of(message: &FeedMessage) -> Option<Position> {
    match message {
        FeedMessage::Snapshot { at, .. } | FeedMessage::Change { at, .. } | FeedMessage::Heartbeat { at } => Some(at.clone()),
        FeedMessage::Peers { .. } | FeedMessage::Watch { .. } => None,
    }
}

/// A snapshot in lines that an edge need not be afraid of.
fn parts_of(snapshot: FeedMessage) -> Vec<FeedMessage> {
    let FeedMessage::Snapshot { at, workers, kept, .. } = snapshot else { return vec![snapshot] };
    let (mut parts, mut part, mut bytes) = (Vec::new(), Vec::new(), 0);
    for worker in workers {
        let size = serde_json::to_vec(&worker).map_or(0, |json| json.len());
        if bytes + size > PART_BYTES && !part.is_empty() {
            parts.push(std::mem::take(&mut part));
            bytes = 0;
        }
        bytes += size;
        part.push(worker);
    }
    parts.push(part);
    let last = parts.len() - 1;
    let message = |(place, workers)| {
        let more = place < last;
        // Said once.
        let kept = if more { Vec::new() } else { kept.clone() };
        FeedMessage::Snapshot { at: at.clone(), workers, kept, more }
    };
    parts.into_iter().enumerate().map(message).collect()
}

#[cfg(test)]
mod tests {
    use skerry_protocol::DeployedWorker;

    use super::*;

    #[test]
    fn a_snapshot_comes_in_parts() {
        let worker = |id: usize| DeployedWorker {
            id: id.to_string(),
            account: String::new(),
            name: "x".repeat(PART_BYTES / 3),
            routes: Vec::new(),
            versions: Vec::new(),
        };
        let sizes = |count: usize| {
            let workers = (0..count).map(worker).collect();
            let all = FeedMessage::Snapshot { at: Position::default(), workers, kept: vec!["k".to_owned()], more: false };
            let shown = |part: &FeedMessage| match part {
                FeedMessage::Snapshot { workers, kept, more, .. } => (workers.len(), kept.len(), *more),
                _ => (0, 0, false),
            };
            parts_of(all).iter().map(shown).collect::<Vec<_>>()
        };
        assert_eq!(sizes(0), [(0, 1, false)]);
        assert_eq!(sizes(2), [(2, 1, false)]);
        assert_eq!(sizes(5), [(2, 0, true), (2, 0, true), (1, 1, false)]);
    }
}
