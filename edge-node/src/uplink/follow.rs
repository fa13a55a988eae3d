use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::{Buf, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use skerry_protocol::FeedMessage;

use super::identity::nonce;
use super::{Uplink, UplinkError};
use crate::deployed::{Deployed, DeployedError};

/// A control plane that says nothing for so long is not there: there are heartbeats every 5 s.
const SILENCE: Duration = Duration::from_secs(15);
/// Before it is tried again.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(100),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(5),
];
/// Of one line: the snapshot of all workers is the longest.
const LINE_BYTES_MAX: usize = 256 << 20;
/// Messages that are applied in one step.
const AT_ONCE: usize = 256;

/// How far an edge is, for whoever watches it.
#[derive(Debug)]
pub struct Following {
    made: Instant,
    revision: AtomicU64,
    /// When something was heard last, in milliseconds since `made`.
    heard: AtomicU64,
}

impl Following {
    pub fn new(revision: Option<u64>) -> Arc<Self> {
        Arc::new(Self { made: Instant::now(), revision: AtomicU64::new(revision.unwrap_or(0)), heard: AtomicU64::new(0) })
    }

    /// What is served.
    pub fn revision(&self) -> u64 {
        self.revision.load(Ordering::Relaxed)
    }

    /// Since the control plane said that this is the newest; since the start, if it has not.
    pub fn age(&self) -> Duration {
        let heard = Duration::from_millis(self.heard.load(Ordering::Relaxed));
        self.made.elapsed().saturating_sub(heard)
    }

    fn note(&self, revision: u64) {
        self.revision.store(revision, Ordering::Relaxed);
        self.heard.store(u64::try_from(self.made.elapsed().as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

/// The lines of one answer.
struct Lines {
    body: Incoming,
    buffer: BytesMut,
    /// Of the buffer: there is no line break.
    searched: usize,
    nonce: String,
    index: u64,
}

enum Interrupted {
    Uplink(UplinkError),
    Deployed(DeployedError),
}

impl Uplink {
    /// Serves what the control plane has deployed, for as long as it is polled. `report` is told of troubles, and when they are over.
    pub async fn follow(&self, deployed: &mut Deployed, following: &Following, report: impl Fn(Result<u64, String>)) {
        let (mut failures, mut wants_snapshot) = (0, false);
        loop {
            let before = deployed.revision();
            let after = if wants_snapshot { None } else { before };
            let trouble = match self.listen(deployed, after, following, &report, failures > 0).await {
                Interrupted::Uplink(error) => error.to_string(),
                Interrupted::Deployed(error) => {
                    wants_snapshot = matches!(error, DeployedError::Gap { .. });
                    error.to_string()
                }
            };
            if deployed.revision() != before {
                // Something was applied: what came of it, if that is a gap, is after the snapshot.
                (failures, wants_snapshot) = (0, wants_snapshot && after.is_some());
            }
            failures += 1;
            report(Err(trouble));
            let pause = PAUSES[(failures - 1).min(PAUSES.len() - 1)];
            // Edges that lost it together do not come back together.
            let jitter =
                pause.mul_f64(f64::from(nonce().map_or(0, |text| text.as_bytes().first().copied().unwrap_or(0)) % 16) / 32.0);
            tokio::time::sleep(pause + jitter).await;
        }
    }

    async fn listen(
        &self,
        deployed: &mut Deployed,
        after: Option<u64>,
        following: &Following,
        report: &impl Fn(Result<u64, String>),
        was_lost: bool,
    ) -> Interrupted {
        let mut lines = match self.open_feed(after).await {
            Ok(lines) => lines,
            Err(error) => return Interrupted::Uplink(error),
        };
        let mut is_reported = !was_lost;
        loop {
            let messages = match self.messages(&mut lines).await {
                Ok(messages) => messages,
                Err(error) => return Interrupted::Uplink(error),
            };
            match deployed.apply_all(messages, self).await {
                Ok(revision) => {
                    let revision = revision.unwrap_or(0);
                    following.note(revision);
                    if !std::mem::replace(&mut is_reported, true) {
                        report(Ok(revision));
                    }
                    // A heartbeat is told on: the control plane wants to know that the edge is there.
                    if let Err(error) = self.tell_applied(revision).await {
                        return Interrupted::Uplink(error);
                    }
                }
                Err(error) => return Interrupted::Deployed(error),
            }
        }
    }

    async fn open_feed(&self, after: Option<u64>) -> Result<Lines, UplinkError> {
        let path = after.map_or_else(|| "/v1/feed".to_owned(), |after| format!("/v1/feed?after={after}"));
        let nonce = nonce()?;
        let signed = self.identity.sign("GET", &path, &nonce, b"");
        let body = self.client.open(&path, &signed).await?;
        Ok(Lines { body, buffer: BytesMut::new(), searched: 0, nonce, index: 0 })
    }

    /// What has come, at least one.
    async fn messages(&self, lines: &mut Lines) -> Result<Vec<FeedMessage>, UplinkError> {
        let mut messages = Vec::new();
        loop {
            while messages.len() < AT_ONCE
                && let Some(line) = lines.take()
            {
                let line = std::str::from_utf8(&line).map_err(|_| UplinkError::Forged)?;
                let json = self.identity.verified(line.trim_end(), &lines.nonce, lines.index)?;
                lines.index += 1;
                messages.push(serde_json::from_str(json).map_err(|error| UplinkError::Unclear(error.to_string()))?);
            }
            if !messages.is_empty() {
                return Ok(messages);
            }
            lines.read().await?;
        }
    }
}

impl Lines {
    fn take(&mut self) -> Option<BytesMut> {
        let Some(end) = self.buffer[self.searched..].iter().position(|byte| *byte == b'\n') else {
            self.searched = self.buffer.len();
            return None;
        };
        let line = self.buffer.split_to(self.searched + end);
        self.buffer.advance(1);
        self.searched = 0;
        Some(line)
    }

    async fn read(&mut self) -> Result<(), UplinkError> {
        let frame = tokio::time::timeout(SILENCE, self.body.frame()).await.map_err(|_| UplinkError::Silent)?;
        let frame = frame.ok_or_else(|| UplinkError::Unreachable("the feed has ended".to_owned()))?;
        let frame = frame.map_err(|error| UplinkError::Unreachable(error.to_string()))?;
        if let Some(bytes) = frame.data_ref() {
            if self.buffer.len() + bytes.len() > LINE_BYTES_MAX {
                return Err(UplinkError::Unclear("a line is longer than 256 MB".to_owned()));
            }
            self.buffer.extend_from_slice(bytes);
        }
        Ok(())
    }
}
