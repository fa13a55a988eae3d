//! Other edges of the same PoP: modules come from them first, and go to them. They know each other by their keys, from the control plane.

use std::collections::HashMap;
use std::convert::Infallible;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use parking_lot::Mutex;
use skerry_protocol::{Digest, Peer, signing};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::http::Client;
use super::{Uplink, UplinkError, identity};
use crate::deployed::Store;

const BLOBS: &str = "/v1/blobs/";
/// Asked before the control plane is.
const ASKED: usize = 2;
/// Until a peer has given a module: it is near.
const PATIENCE: Duration = Duration::from_secs(3);
/// One that did not is not asked for so long.
const LEFT_OUT: Duration = Duration::from_secs(30);
const HEAD_TIME: Duration = Duration::from_secs(5);
/// More than there are edges in a PoP.
const CONNECTIONS_MAX: usize = 256;

/// This edge among those of its PoP.
#[derive(Debug, Default)]
pub(super) struct Peers {
    /// The PoP's name, and where this edge gives modules.
    own: Option<(String, String)>,
    others: ArcSwap<Vec<Peer>>,
    /// Those that did not answer as they should, and when.
    left_out: Mutex<HashMap<String, Instant>>,
}

impl Peers {
    pub fn new(pop: String, address: String) -> Self {
        Self { own: Some((pop, address)), ..Self::default() }
    }

    pub fn own(&self) -> Option<&(String, String)> {
        self.own.as_ref()
    }

    pub fn set(&self, peers: Vec<Peer>) {
        self.others.store(Arc::new(peers));
    }

    /// It is not asked for a while.
    fn leave_out(&self, id: &str) {
        self.left_out.lock().insert(id.to_owned(), Instant::now());
    }

    /// Some of the others, not always the same ones.
    fn some(&self) -> Vec<Peer> {
        let mut left_out = self.left_out.lock();
        left_out.retain(|_, at| at.elapsed() < LEFT_OUT);
        let others: Vec<_> = self.others.load().iter().filter(|peer| !left_out.contains_key(&peer.id)).cloned().collect();
        drop(left_out);
        let first = usize::try_from(RandomState::new().hash_one(0) >> 32).unwrap_or_default() % others.len().max(1);
        others.iter().cycle().skip(first).take(ASKED.min(others.len())).cloned().collect()
    }

    /// Whether one of the others has signed this request.
    fn has_signed(&self, method: &Method, path: &str, headers: &HeaderMap) -> bool {
        let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let parts: Vec<_> = header.split(' ').collect();
        let [signing::SCHEME, id, time, nonce, signature] = parts[..] else { return false };
        let Ok(time) = time.parse::<u64>() else { return false };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
        if now.abs_diff(time) > signing::CLOCK_SKEW_SECONDS * 1_000 {
            return false;
        }
        let others = self.others.load();
        let Some(peer) = others.iter().find(|peer| peer.id == id) else { return false };
        let (Ok(key), Ok(signature)) = (URL_SAFE_NO_PAD.decode(&peer.public_key), STANDARD_NO_PAD.decode(signature)) else {
            return false;
        };
        // A request that somebody repeats gives what they have heard already.
        let text = signing::request(method.as_str(), path, time, nonce, b"");
        UnparsedPublicKey::new(&ED25519, key).verify(text.as_bytes(), &signature).is_ok()
    }

    fn answer(&self, store: &Store, request: &Request<Incoming>) -> (StatusCode, Bytes) {
        let path = request.uri().path();
        if !self.has_signed(request.method(), path, request.headers()) {
            return (StatusCode::UNAUTHORIZED, Bytes::new());
        }
        let digest = path.strip_prefix(BLOBS).and_then(|digest| digest.parse::<Digest>().ok());
        match digest.filter(|_| request.method() == Method::GET).and_then(|digest| store.give(digest)) {
            Some(bytes) => (StatusCode::OK, bytes),
            None => (StatusCode::NOT_FOUND, Bytes::new()),
        }
    }
}

impl Uplink {
    /// What a peer has of it, if one of them has.
    pub(super) async fn blob_of_peer(&self, digest: Digest) -> Option<Bytes> {
        for peer in self.peers.some() {
            let path = format!("{BLOBS}{digest}");
            let signed = self.identity.sign("GET", &path, &identity::nonce().ok()?, b"");
            let Ok(client) = Client::new(&format!("http://{}", peer.address), &self.trust) else { continue };
            match tokio::time::timeout(PATIENCE, client.get_whole(&path, &signed)).await {
                Ok(Ok(bytes)) if Digest::of(&bytes) == digest => return Some(bytes),
                // It has nothing, or has not heard of this edge yet: there is nothing wrong with it.
                Ok(Err(UplinkError::Missing(_) | UplinkError::Refused(_))) => continue,
                Ok(Ok(_)) => tracing::warn!(peer = peer.id, "a peer sent other bytes for {digest} than those it names"),
                Ok(Err(_)) | Err(_) => {}
            }
            self.peers.leave_out(&peer.id);
        }
        None
    }

    /// Gives modules to the other edges of the PoP, for as long as it is polled.
    pub async fn give(&self, listener: TcpListener, store: Arc<Store>) {
        let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        loop {
            let Ok(place) = room.clone().acquire_owned().await else { return };
            let Ok((stream, _)) = listener.accept().await else {
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            let (peers, store) = (self.peers.clone(), store.clone());
            tokio::spawn(async move {
                let service = service_fn(move |request: Request<Incoming>| {
                    let (peers, store) = (peers.clone(), store.clone());
                    async move {
                        let answered = tokio::task::spawn_blocking(move || peers.answer(&store, &request)).await;
                        let (status, bytes) = answered.unwrap_or((StatusCode::INTERNAL_SERVER_ERROR, Bytes::new()));
                        let mut response = Response::new(Full::new(bytes));
                        *response.status_mut() = status;
                        Ok::<_, Infallible>(response)
                    }
                });
                let mut server = auto::Builder::new(TokioExecutor::new());
                server.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIME);
                let served = server.serve_connection(TokioIo::new(stream), service);
                let _late_or_gone = tokio::time::timeout(PATIENCE * 2, served).await;
                drop(place);
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};

    #[test]
    fn only_edges_of_the_same_pop_get_anything() -> Result<(), Box<dyn std::error::Error>> {
        let (pair, other) = (Ed25519KeyPair::generate()?, Ed25519KeyPair::generate()?);
        let peers = Peers::default();
        let known =
            Peer { id: "a".to_owned(), public_key: URL_SAFE_NO_PAD.encode(pair.public_key()), address: "10.0.0.1:1".to_owned() };
        peers.set(vec![known]);
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis() as u64;
        let has_signed = |pair: &Ed25519KeyPair, id: &str, time: u64, path: &str| {
            let signature = pair.sign(signing::request("GET", "/v1/blobs/x", time, "n", b"").as_bytes());
            let header = format!("Edge {id} {time} n {}", STANDARD_NO_PAD.encode(signature));
            let headers = header.parse().map(|value| HeaderMap::from_iter([(AUTHORIZATION, value)])).unwrap_or_default();
            peers.has_signed(&Method::GET, path, &headers)
        };
        assert!(has_signed(&pair, "a", now, "/v1/blobs/x"));
        assert!(!has_signed(&other, "a", now, "/v1/blobs/x") && !has_signed(&pair, "b", now, "/v1/blobs/x"));
        assert!(!has_signed(&pair, "a", now, "/v1/blobs/y") && !has_signed(&pair, "a", now - 90_000, "/v1/blobs/x"));
        assert!(!peers.has_signed(&Method::GET, "/v1/blobs/x", &HeaderMap::new()));
        peers.set(Vec::new());
        assert!(!has_signed(&pair, "a", now, "/v1/blobs/x"), "it was thrown out");
        Ok(())
    }

    #[test]
    fn some_are_asked_and_not_all() {
        let peers = Peers::default();
        assert_eq!(peers.some(), []);
        let peer = |id: usize| Peer { id: id.to_string(), public_key: String::new(), address: String::new() };
        peers.set(vec![peer(0)]);
        assert_eq!(peers.some().len(), 1);
        peers.set((0..9).map(peer).collect());
        let mut asked: Vec<_> = (0..200).flat_map(|_| peers.some()).map(|peer| peer.id).collect();
        assert_eq!(asked.len(), 400);
        asked.sort();
        asked.dedup();
        assert_eq!(asked.len(), 9);
        peers.leave_out("4");
        assert!((0..200).flat_map(|_| peers.some()).all(|peer| peer.id != "4"));
    }
}
