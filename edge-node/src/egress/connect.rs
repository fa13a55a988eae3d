use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http::Uri;
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use skerry_runtime::messages::{FetchError, FetchErrorKind};
use tokio::net::TcpStream;
use tower_service::Service;

use super::policy::EgressPolicy;

/// For one address; a name with several gets as much for each.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long what is known of the node's own addresses holds.
const ADDRESSES_KEPT: Duration = Duration::from_secs(1);

/// Resolves a name itself, checks every address, and connects to a checked one: nothing can change in between.
#[derive(Clone)]
pub(crate) struct GuardedConnector {
    policy: Arc<EgressPolicy>,
}

impl GuardedConnector {
    pub fn new(policy: Arc<EgressPolicy>) -> Self {
        Self { policy }
    }
}

impl Service<Uri> for GuardedConnector {
    type Response = TokioIo<TcpStream>;
    type Error = FetchError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, FetchError>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context) -> Poll<Result<(), FetchError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let policy = self.policy.clone();
        Box::pin(async move { connect(&policy, &uri).await.map(TokioIo::new) })
    }
}

async fn connect(policy: &EgressPolicy, uri: &Uri) -> Result<TcpStream, FetchError> {
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
    let addresses: Vec<SocketAddr> = match host.parse::<IpAddr>() {
        Ok(address) => vec![SocketAddr::new(address, port)],
        Err(_) => tokio::net::lookup_host((host, port))
            .await
            .map_err(|error| failed(format!("the name \"{host}\" does not resolve: {error}")))?
            .collect(),
    };
    let own = own_addresses();
    let allowed: Vec<_> = addresses.iter().filter(|address| policy.allows(address.ip(), &own)).collect();
    if allowed.is_empty() {
        return Err(FetchError {
            kind: FetchErrorKind::Forbidden,
            message: format!(
                "Workers may not reach \"{host}\": it is a private, local or reserved address. The operator can open its network ([egress] allow)"
            ),
        });
    }
    let mut last = None;
    for address in allowed {
        match tokio::time::timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Without it small writes wait for acknowledgements.
                drop(stream.set_nodelay(true));
                return Ok(stream);
            }
            Ok(Err(error)) => last = Some(error),
            Err(_) => last = Some(io::ErrorKind::TimedOut.into()),
        }
    }
    let reason = last.map_or_else(|| "no address".to_owned(), |error| error.to_string());
    Err(failed(format!("no connection to \"{host}:{port}\": {reason}")))
}

/// The node's own, as they were at most a moment ago: to ask the system for each connection would hold the network threads up.
fn own_addresses() -> Arc<[IpAddr]> {
    static KNOWN: Mutex<Option<(Instant, Arc<[IpAddr]>)>> = Mutex::new(None);
    let mut known = KNOWN.lock();
    if let Some((read, addresses)) = known.as_ref()
        && read.elapsed() < ADDRESSES_KEPT
    {
        return addresses.clone();
    }
    let addresses: Arc<[IpAddr]> =
        if_addrs::get_if_addrs().map(|all| all.iter().map(if_addrs::Interface::ip).collect()).unwrap_or_default();
    *known = Some((Instant::now(), addresses.clone()));
    addresses
}

fn failed(reason: String) -> FetchError {
    FetchError { kind: FetchErrorKind::Connect, message: format!("Network error: {reason}") }
}
