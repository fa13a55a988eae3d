//! Where the process listens: on sockets of its own, or on those that a service manager holds for it (sd_listen_fds(3)), so that
//! connections wait there while one process goes and the next one comes.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use listenfd::ListenFd;
use tokio::net::TcpListener;

/// Names of sockets, as `FileDescriptorName=` gives them.
pub(crate) const WORKERS: &str = "workers";
pub(crate) const API: &str = "api";
pub(crate) const ADMIN: &str = "admin";

/// Sockets that were handed over and not taken yet.
pub(crate) struct Sockets(Vec<(String, std::net::TcpListener)>);

impl Sockets {
    /// What the environment says. Once, and first of all: no other file may have taken a number.
    pub fn inherited() -> Result<Self> {
        let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
        let mut names = names.split(':');
        let mut handed = ListenFd::from_env();
        let mut sockets: Vec<(String, _)> = Vec::new();
        for index in 0..handed.len() {
            let name = names.next().unwrap_or_default().to_owned();
            let socket = handed.take_tcp_listener(index).with_context(|| format!("the socket {name:?} is not one of TCP"))?;
            if sockets.iter().any(|(other, _)| *other == name) {
                bail!("two sockets have the name {name:?}: one is listened on (on [::] it takes IPv4 too)");
            }
            sockets.extend(socket.map(|socket| (name, socket)));
        }
        Ok(Self(sockets))
    }

    /// The socket with that name, or else a new one on the address. `mend` says what to do when the address is taken.
    pub async fn listen(&mut self, name: &str, address: SocketAddr, mend: &str) -> Result<(TcpListener, SocketAddr)> {
        let Some(index) = self.0.iter().position(|(other, _)| other == name) else {
            return crate::start::listen(address, mend).await;
        };
        let (_, socket) = self.0.swap_remove(index);
        let listener = socket.set_nonblocking(true).and_then(|()| TcpListener::from_std(socket));
        let listener = listener.with_context(|| format!("the socket {name:?} cannot be listened on"))?;
        let address = listener.local_addr().context("the listening address is not known")?;
        Ok((listener, address))
    }

    /// One that nobody takes would keep its clients waiting.
    pub fn all_taken(&self) -> Result<()> {
        if let Some((name, _)) = self.0.first() {
            bail!(
                "nothing here takes the socket {name:?}: FileDescriptorName is to be one of workers, api, admin, as the command has them"
            );
        }
        Ok(())
    }
}

/// Tells the service manager (sd_notify(3)), if there is one.
pub(crate) fn notify(state: &str) {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::{SocketAddr, UnixDatagram};
    let Ok(path) = std::env::var("NOTIFY_SOCKET") else { return };
    let address = match path.strip_prefix('@') {
        Some(name) => SocketAddr::from_abstract_name(name),
        None => SocketAddr::from_pathname(&path),
    };
    let told = address.and_then(|address| UnixDatagram::unbound()?.send_to_addr(state.as_bytes(), &address));
    if let Err(error) = told {
        tracing::warn!(%error, "the service manager is not told {state}");
    }
}
