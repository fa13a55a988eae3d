use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::header::AUTHORIZATION;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use parking_lot::Mutex;
use skerry_protocol::signing;

use crate::api::Api;
use crate::error::ControlError;

const BODY_BYTES_MAX: usize = 1 << 20;
const NONCE_BYTES_MAX: usize = 64;
const BODY_TIME: Duration = Duration::from_secs(5);

/// A request that an edge has signed.
pub struct SignedEdge {
    pub id: String,
    pub nonce: String,
    pub body: Bytes,
}

/// Those of late: a request counts once.
#[derive(Default)]
pub struct Nonces(Mutex<Generations>);

/// Each as long as a signature may count: what is forgotten with the older one does not count any more.
#[derive(Default)]
struct Generations {
    began: Option<Instant>,
    young: HashSet<String>,
    old: HashSet<String>,
}

impl Nonces {
    fn is_new(&self, nonce: &str) -> bool {
        let kept = Duration::from_secs(2 * signing::CLOCK_SKEW_SECONDS);
        let mut all = self.0.lock();
        if all.began.is_none_or(|began| began.elapsed() > kept) {
            all.old = std::mem::take(&mut all.young);
            all.began = Some(Instant::now());
        }
        !all.old.contains(nonce) && all.young.insert(nonce.to_owned())
    }
}

impl FromRequest<Arc<Api>> for SignedEdge {
    type Rejection = ControlError;

    async fn from_request(request: Request, api: &Arc<Api>) -> Result<Self, ControlError> {
        let refused = |why: &str| ControlError::unauthenticated(format!("The edge's signature does not count: {why}"));
        let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let parts: Vec<_> = header.split(' ').collect();
        let [signing::SCHEME, id, time, nonce, signature] = parts[..] else {
            return Err(refused("expected the header Authorization: Edge ID TIME NONCE SIGNATURE"));
        };
        let time: u64 = time.parse().map_err(|_| refused("its time is no number"))?;
        let (method, path) =
            (request.method().to_string(), request.uri().path_and_query().map_or_else(String::new, ToString::to_string));
        let read = tokio::time::timeout(BODY_TIME, to_bytes(request.into_body(), BODY_BYTES_MAX)).await;
        let body = read.map_err(|_| refused("its body takes too long"))?.map_err(|_| refused("its body is too large"))?;
        // After the body: whoever repeats a request with a slow one gains no time.
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
        if now.abs_diff(time) > signing::CLOCK_SKEW_SECONDS * 1_000 {
            return Err(refused("its clock differs from the control plane's by more than a minute"));
        }
        if nonce.is_empty() || nonce.len() > NONCE_BYTES_MAX {
            return Err(refused("its nonce is empty or too long"));
        }
        let (edge, _) = api.control.edge(id).await?;
        if edge.is_revoked {
            return Err(ControlError::unauthenticated("This edge was revoked: enrol it anew, if it is to serve again"));
        }
        let text = signing::request(&method, &path, time, nonce, &body);
        let key = URL_SAFE_NO_PAD.decode(&edge.public_key).map_err(|_| refused("its key is none"))?;
        let signature = STANDARD_NO_PAD.decode(signature).map_err(|_| refused("it is no Base64"))?;
        UnparsedPublicKey::new(&ED25519, key)
            .verify(text.as_bytes(), &signature)
            .map_err(|_| refused("another key has made it, or for another request"))?;
        if !api.edges.nonces.is_new(&format!("{id} {nonce}")) {
            return Err(refused("it was used before"));
        }
        Ok(Self { id: edge.id, nonce: nonce.to_owned(), body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_counts_once() {
        let nonces = Nonces::default();
        assert!(nonces.is_new("a") && nonces.is_new("b") && !nonces.is_new("a"));
    }
}
