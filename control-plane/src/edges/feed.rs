use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, Query, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use serde::Deserialize;
use skerry_protocol::{FeedMessage, signing};
use tokio::sync::watch;

use super::SignedEdge;
use crate::api::Api;
use crate::error::ControlError;

/// An edge that hears nothing for much longer connects again.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// Revisions that are read at once.
const AT_ONCE: usize = 100;

#[derive(Deserialize)]
pub struct Position {
    /// The revision that the edge serves; without one it gets a snapshot.
    after: Option<u64>,
    /// For who cannot hold a stream: the answer ends when there is something, or after so many seconds.
    wait: Option<u64>,
}

/// Lines for one edge, one after another.
struct Lines {
    api: Arc<Api>,
    edge: String,
    nonce: String,
    index: u64,
    after: Option<u64>,
    ready: VecDeque<FeedMessage>,
    revisions: watch::Receiver<u64>,
    /// When the answer ends, if it does.
    until: Option<tokio::time::Instant>,
    has_told: bool,
}

/// The feed: `SIGNATURE JSON` in each line, as long as the edge listens.
pub async fn stream(
    State(api): State<Arc<Api>>,
    Query(position): Query<Position>,
    request: Request,
) -> Result<Response, ControlError> {
    let edge = SignedEdge::from_request(request, &api).await?;
    let until = position.wait.map(|seconds| tokio::time::Instant::now() + Duration::from_secs(seconds.min(60)));
    let revisions = api.control.revisions();
    let lines = Lines {
        api,
        edge: edge.id,
        nonce: edge.nonce,
        index: 0,
        after: position.after,
        ready: VecDeque::new(),
        revisions,
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
            let changes = match self.after {
                Some(after) => control.live_changes(after, AT_ONCE).await?,
                None => None,
            };
            match changes {
                None => {
                    let snapshot = control.live_snapshot().await?;
                    self.after = Some(revision_of(&snapshot));
                    self.ready.push_back(snapshot);
                }
                Some(changes) if changes.is_empty() => {
                    let until = self.until.unwrap_or_else(|| tokio::time::Instant::now() + HEARTBEAT);
                    let changed = tokio::time::timeout_at(until, self.revisions.changed()).await;
                    if changed.is_err() {
                        self.has_told = true;
                        return Ok(self.after.map(|revision| FeedMessage::Heartbeat { revision }));
                    }
                }
                Some(changes) => {
                    self.after = changes.last().map(revision_of).or(self.after);
                    self.ready.extend(changes);
                }
            }
        }
    }
}

fn revision_of(message: &FeedMessage) -> u64 {
    match message {
        FeedMessage::Snapshot { revision, .. } | FeedMessage::Change { revision, .. } | FeedMessage::Heartbeat { revision } => {
            *revision
        }
    }
}
