//! The process of a cell: takes orders from the channel, and hosts isolates.
//!
//! The first thread reads the channel, and never waits for anything else. Isolates run on threads of their own, and write what they have to
//! say themselves ([`writer::Writer`]); those that hear much read it themselves, too ([`line::OwnLine`]).

mod faults;
mod host;
pub(crate) mod last_words;
mod line;
mod signals;
mod voice;
mod writer;

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::sync::Arc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use skerry_runtime::{Budget, CodeCache, HashSeed, Isolates, Pool};

use crate::channel::{Broken, FRAME_BYTES_MAX, Frame, FrameReader, Hello, Kind};
use crate::sandbox;
use host::Host;
use writer::Writer;

/// How often it is looked whether isolates are ready, when a cell starts.
const READY_LOOK: Duration = Duration::from_millis(1);
/// Without them it takes work all the same: they come.
const READY_LOOKS_MAX: u32 = 2_000;

/// Why a process is no cell any more. Nobody sees it but the front's log.
#[derive(Debug, thiserror::Error)]
pub enum CellError {
    #[error("this command is for the node's own use: it starts cells itself")]
    NoFront,
    #[error("the channel cannot be used: {0}")]
    Channel(#[from] io::Error),
    #[error("the front said what is not understood: {0}")]
    Front(String),
    #[error("the sandbox cannot be had: {0}")]
    Sandbox(#[from] sandbox::SandboxError),
}

impl From<Broken> for CellError {
    fn from(broken: Broken) -> Self {
        Self::Front(broken.to_string())
    }
}

/// Is a cell, for the front at the other end of the standard input, until the front goes. To be called first in `main`, before any thread.
///
/// # Errors
/// If it cannot be one.
pub fn run() -> Result<(), CellError> {
    signals::leave_to_the_front();
    let socket = rustix::stdio::stdin();
    let mut reader = FrameReader::new();
    let first = first_frame(&mut reader, socket)?;
    let hello: Hello = serde_json::from_slice(&first.payload).map_err(|error| CellError::Front(error.to_string()))?;
    let snapshot = first.descriptors.first().ok_or_else(|| CellError::Front("there is no snapshot".to_owned()))?;
    let options = sandbox::Options {
        data_bytes_max: hello.data_bytes_max,
        keep: vec![snapshot.as_raw_fd()],
        allow_missing: hello.allow_missing,
    };
    // Before the node does, when the machine's memory is used up. Only root may ask for less.
    drop(std::fs::write("/proc/self/oom_score_adj", "1000"));
    sandbox::enter_start(&options)?;
    skerry_runtime::initialize(hello.memory_bytes_max, HashSeed::Of(snapshot.as_fd()))?;
    drop(first);
    // The first has to make what all share, and is allowed to for the last time here.
    drop(tokio::runtime::Builder::new_current_thread().enable_io().build()?);
    sandbox::enter_work()?;
    last_words::listen();
    let writer = Writer::start(socket)?;
    let budget = Budget::new(hello.budget_bytes);
    let pool = Pool::with_lines(hello.pool_min..=hello.pool_max, &hello.limits, CodeCache::default(), budget)?;
    let pool = Arc::new(pool);
    announce(&pool, &writer, hello.pool_min)?;
    let mut host = Host::new(pool, writer, hello.faults);
    loop {
        while let Some(frame) = reader.next()? {
            host.take(frame)?;
        }
        host.pause();
        wait_for_more(socket)?;
        if reader.read(socket, true)? == 0 {
            // The front is gone. Nothing here outlives it.
            return Ok(());
        }
    }
}

/// A read that waits is woken each time that the front has taken what others write here.
fn wait_for_more(socket: BorrowedFd) -> io::Result<()> {
    loop {
        match poll(&mut [PollFd::from_borrowed_fd(socket, PollFlags::IN)], None) {
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
            Ok(_) => return Ok(()),
        }
    }
}

fn first_frame(reader: &mut FrameReader, socket: BorrowedFd) -> Result<Frame, CellError> {
    loop {
        match reader.next()? {
            Some(frame) if frame.kind == Kind::Hello => return Ok(frame),
            Some(_) => return Err(CellError::Front("there is no hello".to_owned())),
            None => {}
        }
        match reader.read(socket, true) {
            Ok(0) | Err(_) => return Err(CellError::NoFront),
            Ok(_) => {}
        }
    }
}

/// Tells the front when isolates are ready for workers.
fn announce(pool: &Arc<Pool>, writer: &Arc<Writer>, wanted: usize) -> io::Result<()> {
    let (pool, writer) = (pool.clone(), writer.clone());
    std::thread::Builder::new().name("announcer".into()).spawn(move || {
        for _ in 0..READY_LOOKS_MAX {
            if pool.ready() >= wanted {
                break;
            }
            std::thread::sleep(READY_LOOK);
        }
        writer.frame(Kind::Ready, 0, FRAME_BYTES_MAX, |_| {});
        writer.flush();
    })?;
    Ok(())
}
