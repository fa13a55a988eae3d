//! A way between a control plane and its edges, on which something happens to what comes back.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Result;

/// What happens to what comes back, piece by piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meddling {
    Nothing,
    /// A text is replaced with another of its length.
    Replaces(&'static [u8], &'static [u8]),
    /// Each third piece ends in its middle, and the connection with it.
    Cuts,
    /// All of it comes late.
    Delays,
    /// Each third piece comes twice.
    Doubles,
    /// Connections are answered with what an earlier one was answered with.
    Replays,
}

/// Of HTTP/2: types of frames, and the flag of the last one of an answer.
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const IS_LAST: u8 = 1;

const LATE: Duration = Duration::from_millis(100);

/// Passes everything on to one address, and meddles while it is told to.
pub struct Meddler {
    pub address: SocketAddr,
    state: Arc<State>,
}

struct State {
    meddling: Mutex<Meddling>,
    pieces: AtomicUsize,
    done: AtomicUsize,
    /// What the newest connection that began with a feed was answered with, as far as it is about that.
    heard: Mutex<Vec<u8>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Meddler {
    pub fn start(to: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let (meddling, heard) = (Mutex::new(Meddling::Nothing), Mutex::default());
        let state = Arc::new(State { meddling, pieces: AtomicUsize::new(0), done: AtomicUsize::new(0), heard });
        let meddler = Self { address: listener.local_addr()?, state: state.clone() };
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let state = state.clone();
                std::thread::spawn(move || state.connection(client, to));
            }
        });
        Ok(meddler)
    }

    pub fn set(&self, meddling: Meddling) {
        *lock(&self.state.meddling) = meddling;
        self.state.done.store(0, Ordering::SeqCst);
    }

    /// How often it happened since it was told to.
    pub fn done(&self) -> usize {
        self.state.done.load(Ordering::SeqCst)
    }
}

impl State {
    fn connection(self: Arc<Self>, client: TcpStream, to: SocketAddr) {
        if *lock(&self.meddling) == Meddling::Replays {
            let _gone = self.replay(client);
            return;
        }
        let Ok(server) = TcpStream::connect(to) else { return };
        let (Ok(client_in), Ok(server_in)) = (client.try_clone(), server.try_clone()) else { return };
        std::thread::spawn(move || pass(client_in, server_in, |bytes, to| to.write_all(bytes).is_ok()));
        let mut heard = Vec::new();
        pass(server, client, |bytes, to| {
            heard.extend_from_slice(bytes);
            if let Some(feed) = feed_of(&heard) {
                feed.clone_into(&mut lock(&self.heard));
            }
            self.answer(bytes, to)
        });
    }

    /// Whether the connection goes on.
    fn answer(&self, bytes: &mut [u8], to: &mut TcpStream) -> bool {
        let is_third = self.pieces.fetch_add(1, Ordering::SeqCst) % 3 == 2;
        let meddling = *lock(&self.meddling);
        let happens = match meddling {
            Meddling::Nothing => false,
            Meddling::Cuts | Meddling::Doubles => is_third,
            Meddling::Delays => true,
            Meddling::Replays => return false,
            Meddling::Replaces(from, with) => {
                let found = bytes.windows(from.len()).position(|window| window == from);
                found.inspect(|at| bytes[*at..*at + with.len()].copy_from_slice(with)).is_some()
            }
        };
        self.done.fetch_add(usize::from(happens), Ordering::SeqCst);
        match meddling {
            Meddling::Cuts if happens => {
                let _half = to.write_all(&bytes[..bytes.len() / 2]);
                false
            }
            Meddling::Doubles if happens => to.write_all(bytes).and_then(|()| to.write_all(bytes)).is_ok(),
            Meddling::Delays => {
                std::thread::sleep(LATE);
                to.write_all(bytes).is_ok()
            }
            _ => to.write_all(bytes).is_ok(),
        }
    }

    fn replay(&self, mut client: TcpStream) -> Result<()> {
        let heard = lock(&self.heard).clone();
        // What it asks first is on its way then.
        let _asked = client.read(&mut [0; 1 << 12])?;
        std::thread::sleep(LATE);
        client.write_all(&heard)?;
        self.done.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(LATE);
        Ok(client.shutdown(Shutdown::Both)?)
    }
}

/// Of what an HTTP/2 connection was answered with: all until something is about another request than the first, if there is something of
/// an answer to that, and not its end. A frame begins with its length (3 bytes), type, flags, and the request (4 bytes).
fn feed_of(heard: &[u8]) -> Option<&[u8]> {
    let (mut end, mut has_data) = (0, false);
    while let Some([a, b, c, kind, flags, 0, 0, 0, request @ (0 | 1)]) = heard.get(end..end + 9) {
        if matches!(*kind, DATA | HEADERS) && flags & IS_LAST != 0 {
            return None;
        }
        let next = end + 9 + u32::from_be_bytes([0, *a, *b, *c]) as usize;
        if next > heard.len() {
            break;
        }
        has_data |= *request == 1 && *kind == DATA;
        end = next;
    }
    has_data.then_some(&heard[..end])
}

/// Until `write` says that it is over.
fn pass(mut from: TcpStream, mut to: TcpStream, mut write: impl FnMut(&mut [u8], &mut TcpStream) -> bool) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(count @ 1..) = from.read(&mut buffer)
        && write(&mut buffer[..count], &mut to)
    {}
    let _gone = (to.shutdown(Shutdown::Both), from.shutdown(Shutdown::Both));
}
