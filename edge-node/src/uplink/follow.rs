use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::{Buf, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use skerry_protocol::{DeployedWorker, FeedMessage, Position};

use super::identity::nonce;
use super::{Uplink, UplinkError, Watch};
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
/// Of one line: a worker with all its versions has no more.
const LINE_BYTES_MAX: usize = 64 << 20;
/// Messages that are applied in one step.
const AT_ONCE: usize = 256;
/// How often it is told how watched workers do.
const FIGURES: Duration = Duration::from_secs(1);
/// How often it is tried again what could not be fetched.
const RETRY: Duration = Duration::from_millis(250);

/// How far an edge is, for whoever watches it.
#[derive(Debug)]
pub struct Following {
    made: Instant,
    /// How long before that the control plane was heard last, as far as the disk tells.
    before: Duration,
    revision: AtomicU64,
    /// When something was heard last, in milliseconds since `made`; 0 for never.
    heard: AtomicU64,
    watch: Arc<Watch>,
}

impl Following {
    /// Of an edge that serves what is on its disk, or nothing.
    pub fn new(deployed: &Deployed, watch: Arc<Watch>) -> Arc<Self> {
        let revision = AtomicU64::new(deployed.position().map_or(0, |at| at.revision));
        let before = deployed.age().unwrap_or_default();
        Arc::new(Self { made: Instant::now(), before, revision, heard: AtomicU64::new(0), watch })
    }

    /// Live events that nobody saw, because there were too many.
    pub fn events_dropped(&self) -> u64 {
        self.watch.dropped()
    }

    /// What is served.
    pub fn revision(&self) -> u64 {
        self.revision.load(Ordering::Relaxed)
    }

    /// Since the control plane said that this is the newest, be it before this start; since the start, if it never has.
    pub fn age(&self) -> Duration {
        match self.heard.load(Ordering::Relaxed) {
            0 => self.before + self.made.elapsed(),
            heard => self.made.elapsed().saturating_sub(Duration::from_millis(heard)),
        }
    }

    fn note(&self, revision: u64) {
        self.revision.store(revision, Ordering::Relaxed);
        let heard = u64::try_from(self.made.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.heard.store(heard.max(1), Ordering::Relaxed);
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
    /// Of a snapshot that is not whole yet.
    parts: Vec<DeployedWorker>,
    heard: Instant,
}

enum Interrupted {
    Uplink(UplinkError),
    Deployed(DeployedError),
}

impl Uplink {
    /// Serves what the control plane has deployed, for as long as it is polled. `report` is told of troubles, and when they are over.
    pub async fn follow(&self, deployed: &mut Deployed, following: &Following, report: impl Fn(Result<u64, String>)) {
        tokio::select! {
            () = self.send_events() => {}
            () = self.keep_up(deployed, following, report) => {}
        }
    }

    async fn keep_up(&self, deployed: &mut Deployed, following: &Following, report: impl Fn(Result<u64, String>)) {
        let (mut failures, mut wants_snapshot) = (0, false);
        loop {
            let before = deployed.position().cloned();
            let after = if wants_snapshot { None } else { before.clone() };
            let trouble = match self.listen(deployed, after.as_ref(), following, &report, failures > 0).await {
                Interrupted::Uplink(error) => error.to_string(),
                Interrupted::Deployed(error) => {
                    wants_snapshot = error.wants_snapshot();
                    error.to_string()
                }
            };
            if deployed.position() != before.as_ref() {
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
        after: Option<&Position>,
        following: &Following,
        report: &impl Fn(Result<u64, String>),
        was_lost: bool,
    ) -> Interrupted {
        let mut lines = match self.open_feed(after).await {
            Ok(lines) => lines,
            Err(error) => return Interrupted::Uplink(error),
        };
        let mut is_reported = !was_lost;
        let modules = Arc::new(self.clone());
        let mut told = (None, 0, Instant::now());
        loop {
            let messages = match self.next(&mut lines, deployed).await {
                Ok(messages) => messages,
                Err(error) => return Interrupted::Uplink(error),
            };
            let has_heard = !messages.is_empty();
            let applied = match self.told(messages) {
                messages if messages.is_empty() => deployed.tend(&modules).await,
                messages => deployed.apply_all(messages, &modules).await.map(drop),
            };
            if let Err(error) = applied {
                return Interrupted::Deployed(error);
            }
            let revision = deployed.position().map_or(0, |at| at.revision);
            if has_heard {
                following.note(revision);
                deployed.note_heard().await;
            }
            if !std::mem::replace(&mut is_reported, true) {
                report(Ok(revision));
            }
            // A heartbeat is told on: the control plane wants to know that the edge is there.
            let now = (Some(revision), deployed.waiting().len());
            let is_due = !self.watch.figures_wanted().is_empty() && told.2.elapsed() >= FIGURES;
            if !has_heard && (told.0, told.1) == now && !is_due {
                continue;
            }
            told = (now.0, now.1, Instant::now());
            if let Err(error) = self.report(deployed).await {
                tracing::warn!(%error, "the control plane was not told how far this edge is");
            }
        }
    }

    /// What has come; nothing where something else is to be done first.
    async fn next(&self, lines: &mut Lines, deployed: &Deployed) -> Result<Vec<FeedMessage>, UplinkError> {
        let figures = (!self.watch.figures_wanted().is_empty()).then_some(FIGURES);
        let retry = (!deployed.waiting().is_empty()).then_some(RETRY);
        match figures.into_iter().chain(retry).min() {
            Some(pause) => tokio::time::timeout(pause, self.messages(lines)).await.unwrap_or(Ok(Vec::new())),
            None => self.messages(lines).await,
        }
    }

    /// Takes out what is about this edge, and not about what is deployed.
    fn told(&self, messages: Vec<FeedMessage>) -> Vec<FeedMessage> {
        let mut others = Vec::with_capacity(messages.len());
        for message in messages {
            match message {
                FeedMessage::Watch { workers } => self.watch.set(workers),
                FeedMessage::Peers { peers } => self.peers.set(peers),
                other => others.push(other),
            }
        }
        others
    }

    async fn open_feed(&self, after: Option<&Position>) -> Result<Lines, UplinkError> {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if let Some(Position { epoch, revision }) = after.filter(|at| !at.epoch.is_empty()) {
            query.append_pair("after", &revision.to_string()).append_pair("epoch", epoch);
        }
        if let Some((pop, _)) = self.peers.own() {
            query.append_pair("pop", pop);
        }
        let path = format!("/v1/feed?{}", query.finish());
        let nonce = nonce()?;
        let signed = self.identity.sign("GET", &path, &nonce, b"");
        self.watch.set(Vec::new());
        let body = self.client.open(&path, &signed).await?;
        // It is said again if there is somebody to ask. Until then, also while the control plane is away, those from before are asked.
        self.peers.set(Vec::new());
        Ok(Lines { body, buffer: BytesMut::new(), searched: 0, nonce, index: 0, parts: Vec::new(), heard: Instant::now() })
    }

    /// What has come, at least one. May be broken off, and called again.
    async fn messages(&self, lines: &mut Lines) -> Result<Vec<FeedMessage>, UplinkError> {
        let mut messages = Vec::new();
        loop {
            while messages.len() < AT_ONCE
                && let Some(line) = lines.take()
            {
                let line = std::str::from_utf8(&line).map_err(|_| UplinkError::Forged)?;
                let json = self.identity.verified(line.trim_end(), &lines.nonce, lines.index)?;
                lines.index += 1;
                let message = serde_json::from_str(json).map_err(|error| UplinkError::Unclear(error.to_string()))?;
                messages.extend(lines.whole(message));
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

    /// A message; nothing where more of it is to come.
    fn whole(&mut self, message: FeedMessage) -> Option<FeedMessage> {
        let FeedMessage::Snapshot { at, workers, kept, more } = message else { return Some(message) };
        self.parts.extend(workers);
        (!more).then(|| FeedMessage::Snapshot { at, workers: std::mem::take(&mut self.parts), kept, more })
    }

    async fn read(&mut self) -> Result<(), UplinkError> {
        // However often reading is broken off.
        let patience = SILENCE.saturating_sub(self.heard.elapsed());
        let frame = tokio::time::timeout(patience, self.body.frame()).await.map_err(|_| UplinkError::Silent)?;
        self.heard = Instant::now();
        let frame = frame.ok_or_else(|| UplinkError::Unreachable("the feed has ended".to_owned()))?;
        let frame = frame.map_err(|error| UplinkError::Unreachable(error.to_string()))?;
        if let Some(bytes) = frame.data_ref() {
            if self.buffer.len() + bytes.len() > LINE_BYTES_MAX {
                return Err(UplinkError::Unclear("a line is longer than 64 MB".to_owned()));
            }
            self.buffer.extend_from_slice(bytes);
        }
        Ok(())
    }
}
