//! What the cell says to the front: many threads say something, one at a time writes for all.
//!
//! Whoever flushes writes what there is, once and without waiting. What cannot be sent, or has come meanwhile, is left to a thread that does
//! nothing else, so that no tenant's thread works for the others.

use std::io;
use std::os::fd::BorrowedFd;
use std::sync::Arc;

use parking_lot::{Condvar, Mutex, MutexGuard};

use crate::channel::{Kind, begin_frame, end_frame, send};

/// Whoever says more has to wait until the front has taken some of it.
const QUEUED_BYTES_MAX: usize = 16 << 20;
/// Kept for the next frames.
const SPARE_BYTES: usize = 256 << 10;

pub(super) struct Writer {
    socket: BorrowedFd<'static>,
    out: Mutex<Out>,
    /// There is something for the thread to write.
    left: Condvar,
    /// There is room again.
    room: Condvar,
}

#[derive(Default)]
struct Out {
    bytes: Vec<u8>,
    /// What is being written is taken out: for the next.
    spare: Vec<u8>,
    is_writing: bool,
    is_left: bool,
}

impl Writer {
    pub fn start(socket: BorrowedFd<'static>) -> io::Result<Arc<Self>> {
        let writer = Arc::new(Self { socket, out: Mutex::default(), left: Condvar::new(), room: Condvar::new() });
        let thread = writer.clone();
        std::thread::Builder::new().name("writer".into()).spawn(move || thread.write_what_is_left())?;
        Ok(writer)
    }

    /// Says something, at the next flush. False where it would be more than so many bytes.
    pub fn frame(&self, kind: Kind, isolate: u32, bytes_max: usize, fill: impl FnOnce(&mut Vec<u8>)) -> bool {
        let mut out = self.out.lock();
        let start = begin_frame(&mut out.bytes, kind, isolate, 0);
        fill(&mut out.bytes);
        let fits = end_frame(&mut out.bytes, start) <= bytes_max;
        if !fits {
            out.bytes.truncate(start);
            // It was that large once.
            out.bytes.shrink_to(SPARE_BYTES);
        }
        fits
    }

    /// Bytes that are no frame, for tests.
    pub fn raw(&self, bytes: &[u8]) {
        self.out.lock().bytes.extend_from_slice(bytes);
    }

    /// Nobody says anything any more, for tests.
    pub fn seize(&self) {
        self.out.lock().is_writing = true;
    }

    /// Waits while the front is far behind. Not for the thread that reads the channel.
    pub fn wait_for_room(&self) {
        let mut out = self.out.lock();
        while out.bytes.len() > QUEUED_BYTES_MAX {
            out = self.hand_over(out);
            self.room.wait(&mut out);
        }
    }

    /// Writes what there is, unless somebody else does.
    pub fn flush(&self) {
        let mut out = self.out.lock();
        if out.is_writing || out.bytes.is_empty() {
            return;
        }
        out.is_writing = true;
        let spare = std::mem::take(&mut out.spare);
        let bytes = std::mem::replace(&mut out.bytes, spare);
        drop(out);
        let sent = send(self.socket, &bytes, &[], false);
        let mut out = self.out.lock();
        match sent {
            Ok(count) if count == bytes.len() => out.keep(bytes),
            Ok(count) => out.put_back(&bytes[count..]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => out.put_back(&bytes),
            Err(_) => gone(),
        }
        out.is_writing = false;
        if !out.bytes.is_empty() {
            drop(self.hand_over(out));
        }
    }

    fn hand_over<'w>(&'w self, mut out: MutexGuard<'w, Out>) -> MutexGuard<'w, Out> {
        out.is_left = true;
        self.left.notify_one();
        out
    }

    fn write_what_is_left(&self) {
        let mut out = self.out.lock();
        loop {
            while !out.is_left || out.is_writing {
                self.left.wait(&mut out);
            }
            out.is_left = false;
            out.is_writing = true;
            while !out.bytes.is_empty() {
                let bytes = std::mem::take(&mut out.bytes);
                drop(out);
                let mut rest = bytes.as_slice();
                while !rest.is_empty() {
                    match send(self.socket, rest, &[], true) {
                        Ok(count) => rest = &rest[count..],
                        Err(_) => gone(),
                    }
                }
                out = self.out.lock();
                self.room.notify_all();
            }
            out.is_writing = false;
        }
    }
}

impl Out {
    fn keep(&mut self, mut bytes: Vec<u8>) {
        if bytes.capacity() <= SPARE_BYTES {
            bytes.clear();
            self.spare = bytes;
        }
    }

    /// Before what has come meanwhile.
    fn put_back(&mut self, rest: &[u8]) {
        let later = std::mem::replace(&mut self.bytes, rest.to_vec());
        self.bytes.extend_from_slice(&later);
    }
}

/// The front is gone. Nothing here outlives it.
fn gone() -> ! {
    std::process::exit(0)
}
