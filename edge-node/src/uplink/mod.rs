//! The way to a control plane on another machine: enrolling, following its feed, fetching modules. Nothing on a request's way.
//!
//! Each side knows the other by its key: the edge signs requests, the control plane signs each line of the feed. A connection that is not
//! encrypted lets others read secrets all the same: across networks the control plane's address begins with https.

mod follow;
mod http;
pub(crate) mod identity;
mod peers;
mod trust;
mod watch;

use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use skerry_protocol::Digest;

use crate::deployed::{BlobError, BlobSource, Deployed};
use http::Client;
use identity::Identity;
use peers::Peers;

pub use follow::Following;
pub use trust::{Trust, TrustError};
pub use watch::Watch;

/// In one report, which has a size.
const FIGURES_AT_ONCE: usize = 2_000;

/// Why the control plane could not be spoken to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UplinkError {
    #[error("{0} is not the address of a control plane: expected one like https://control.example.com")]
    Address(String),
    #[error("the token for enrolment is not whole: copy all of it, from enrol_ to its end")]
    Token,
    #[error("this edge is not enrolled: start it with --enroll TOKEN once")]
    NotEnrolled,
    #[error("{file}: {message}")]
    File { file: String, message: String },
    #[error("the control plane cannot be reached: {0}")]
    Unreachable(String),
    #[error("the control plane refuses: {0}")]
    Refused(String),
    #[error("the control plane does not have it: {0}")]
    Missing(String),
    #[error("what came is not from the control plane that this edge was enrolled with")]
    Forged,
    #[error("the control plane says nothing any more")]
    Silent,
    #[error("the control plane's answer is not understood: {0}")]
    Unclear(String),
}

/// An edge's connection to its control plane.
#[derive(Clone)]
pub struct Uplink {
    client: Client,
    identity: Arc<Identity>,
    watch: Arc<Watch>,
    peers: Arc<Peers>,
    trust: Trust,
    /// Of this start of the process.
    run: String,
}

impl Uplink {
    /// As the edge that is described in the folder. Where there is none, or another token has let it in, the token makes this a new edge
    /// of the control plane, and the folder describes that.
    pub async fn open(address: &str, trust: &Trust, token: Option<&str>, folder: &Path) -> Result<Self, UplinkError> {
        let client = Client::new(address, trust)?;
        let identity = match (Identity::read(folder), token) {
            (Err(UplinkError::NotEnrolled), Some(token)) => Identity::enrol(&client, token, folder).await?,
            (Ok(known), Some(token)) if known.is_of_another(token) => {
                // Nothing that goes wrong here keeps an edge from serving.
                Identity::enrol(&client, token, folder).await.unwrap_or_else(|error| {
                    tracing::warn!(
                        "the token for enrolment was not used, and the edge goes on as it was enrolled before: {error}"
                    );
                    known
                })
            }
            (known, _) => known?,
        };
        Self::new(client, identity, trust)
    }

    fn new(client: Client, identity: Identity, trust: &Trust) -> Result<Self, UplinkError> {
        let (watch, peers) = (Arc::default(), Arc::default());
        Ok(Self { client, identity: Arc::new(identity), watch, peers, trust: trust.clone(), run: identity::nonce()? })
    }

    /// The same in a PoP whose edges have modules from each other; this one gives them at an address (host and port).
    #[must_use]
    pub fn in_pop(self, pop: String, address: String) -> Self {
        Self { peers: Arc::new(Peers::new(pop, address)), ..self }
    }

    /// What the control plane wants to hear about workers.
    pub fn watch(&self) -> Arc<Watch> {
        self.watch.clone()
    }

    async fn get(&self, path: &str) -> Result<Bytes, UplinkError> {
        let nonce = identity::nonce()?;
        let signed = self.identity.sign("GET", path, &nonce, b"");
        self.client.get_whole(path, &signed).await
    }

    async fn post(&self, path: &str, body: Vec<u8>) -> Result<(), UplinkError> {
        let signed = self.identity.sign("POST", path, &identity::nonce()?, &body);
        self.client.post(path, Some(&signed), body.into()).await.map(drop)
    }

    /// Tells what is served here, and how watched workers do.
    async fn report(&self, deployed: &Deployed) -> Result<(), UplinkError> {
        let mut report = deployed.report(&self.run, &self.watch.figures_wanted());
        report.peer = self.peers.own().cloned();
        let mut rest = std::mem::take(&mut report.figures);
        loop {
            let later = rest.split_off(rest.len().min(FIGURES_AT_ONCE));
            report.figures = std::mem::replace(&mut rest, later);
            let body = serde_json::to_vec(&report).map_err(|error| UplinkError::Unclear(error.to_string()))?;
            self.post("/v1/edges/report", body).await?;
            if rest.is_empty() {
                return Ok(());
            }
        }
    }
}

impl BlobSource for Uplink {
    fn fetch<'a>(&'a self, digest: Digest) -> Pin<Box<dyn Future<Output = Result<Bytes, BlobError>> + Send + 'a>> {
        Box::pin(async move {
            if let Some(bytes) = self.blob_of_peer(digest).await {
                return Ok(bytes);
            }
            let fetched = self.get(&format!("/v1/blobs/{digest}")).await;
            fetched.map_err(|error| match error {
                UplinkError::Missing(_) => BlobError::Missing,
                error => BlobError::Transport(error.to_string()),
            })
        })
    }
}
