//! The front's end of the channel to one cell, or of a line to one of its isolates.

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use rustix::io::Errno;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::net::UnixStream;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::death::Death;
use crate::channel::{Frame, FrameReader, Kind, begin_frame, end_frame, send, set_nonblocking};

/// A cell that is so far behind is taken for one that hangs.
const QUEUED_BYTES_MAX: usize = 256 << 20;
/// Kept for the next frames.
const SPARE_BYTES: usize = 256 << 10;
/// For room, where it cannot be waited for.
const LOOK: Duration = Duration::from_millis(10);
/// A frame that has begun to come is there by then: what has come of it is kept.
const FRAME_TIME: Duration = Duration::from_secs(30);
/// Of one cell's frames before others get their turn.
const READ_BYTES_AT_ONCE: usize = 512 << 10;
const FRAMES_AT_ONCE: usize = 1_024;

pub(super) struct Link {
    /// Does not wait. tokio hears of it only while it is waited for: it would be told each time that the cell has read something.
    socket: OwnedFd,
    out: Mutex<Out>,
    wake: Notify,
    /// More is queued than may be.
    over: Notify,
    /// Many frames were written at once of late: more are worth waiting for.
    is_busy: AtomicBool,
    frame_time: Duration,
    sent: Arc<Sent>,
}

/// What a cell was sent, ever.
#[derive(Debug, Default)]
pub(super) struct Sent {
    frames: AtomicU64,
    bytes: AtomicU64,
}

impl Sent {
    fn note(&self, bytes: usize) {
        self.frames.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Frames and bytes.
    pub fn so_far(&self) -> (u64, u64) {
        (self.frames.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed))
    }
}

#[derive(Default)]
struct Out {
    bytes: Vec<u8>,
    /// Where the frames begin that have descriptors.
    descriptors: VecDeque<(usize, Vec<OwnedFd>)>,
    frames: usize,
    is_closed: bool,
    /// More is queued than may be.
    is_over: bool,
}

impl Link {
    pub fn new(socket: OwnedFd, sent: Arc<Sent>) -> io::Result<Self> {
        set_nonblocking(&socket)?;
        Ok(Self {
            socket,
            out: Mutex::default(),
            wake: Notify::new(),
            over: Notify::new(),
            is_busy: AtomicBool::new(false),
            frame_time: FRAME_TIME,
            sent,
        })
    }

    /// Queues a frame. False when the cell is gone.
    pub fn post(&self, kind: Kind, isolate: u32, descriptors: Vec<OwnedFd>, fill: impl FnOnce(&mut Vec<u8>)) -> bool {
        let mut out = self.out.lock();
        if out.is_closed {
            return false;
        }
        let start = begin_frame(&mut out.bytes, kind, isolate, descriptors.len());
        if !descriptors.is_empty() {
            out.descriptors.push_back((start, descriptors));
        }
        fill(&mut out.bytes);
        end_frame(&mut out.bytes, start);
        out.frames += 1;
        self.sent.note(out.bytes.len() - start);
        out.is_over |= out.bytes.len() > QUEUED_BYTES_MAX;
        if out.is_over {
            out.bytes.truncate(start);
            if out.descriptors.back().is_some_and(|(at, _)| *at == start) {
                out.descriptors.pop_back();
            }
            self.over.notify_one();
            return false;
        }
        drop(out);
        self.wake.notify_one();
        true
    }

    /// Nothing is sent any more, and whoever writes is told.
    pub fn close(&self) {
        let closed = {
            let mut out = self.out.lock();
            out.is_closed = true;
            (std::mem::take(&mut out.bytes), std::mem::take(&mut out.descriptors))
        };
        drop(closed);
        self.wake.notify_one();
        self.over.notify_one();
    }

    /// Sends what is queued, for as long as it is polled. Ends with why it cannot, or when it is closed.
    pub async fn write(&self) -> Death {
        loop {
            self.wake.notified().await;
            if self.out.lock().is_closed {
                return Death::Ended;
            }
            if self.is_busy.load(Ordering::Relaxed) {
                // Whoever else is ready to say something comes first: one call for all.
                tokio::task::yield_now().await;
            }
            loop {
                let (bytes, descriptors, frames) = {
                    let mut out = self.out.lock();
                    (std::mem::take(&mut out.bytes), std::mem::take(&mut out.descriptors), std::mem::take(&mut out.frames))
                };
                if bytes.is_empty() {
                    break;
                }
                self.is_busy.store(frames > 1, Ordering::Relaxed);
                if let Err(death) = self.write_whole(&bytes, descriptors).await {
                    return death;
                }
                self.give_back(bytes);
            }
        }
    }

    async fn write_whole(&self, bytes: &[u8], mut descriptors: VecDeque<(usize, Vec<OwnedFd>)>) -> Result<(), Death> {
        let mut sent = 0;
        while sent < bytes.len() {
            let with = descriptors.front().filter(|(start, _)| *start == sent).map_or(&[][..], |(_, with)| with);
            let borrowed: Vec<BorrowedFd> = with.iter().map(AsFd::as_fd).collect();
            let next = descriptors.iter().map(|(start, _)| *start).find(|start| *start > sent);
            let piece = &bytes[sent..next.unwrap_or(bytes.len())];
            match send(&self.socket, piece, &borrowed, false) {
                Ok(count) => {
                    if !borrowed.is_empty() {
                        descriptors.pop_front();
                    }
                    sent += count;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.wait_for_room().await?,
                Err(error) if is_shortage(&error) => tokio::time::sleep(LOOK).await,
                Err(error) => return Err(Death::of_channel(&error)),
            }
        }
        Ok(())
    }

    async fn wait_for_room(&self) -> Result<(), Death> {
        let watched = self.socket.try_clone().and_then(|socket| UnixStream::from_std(socket.into()));
        let room = async {
            match watched {
                Ok(watched) => watched.writable().await,
                // There are no more files: it is looked now and then.
                Err(_) => {
                    tokio::time::sleep(LOOK).await;
                    Ok(())
                }
            }
        };
        tokio::select! {
            ready = room => ready.map_err(|error| Death::of_channel(&error)),
            () = self.over.notified() => Err(if self.out.lock().is_closed { Death::Ended } else { Death::Hung }),
        }
    }

    fn give_back(&self, mut bytes: Vec<u8>) {
        bytes.clear();
        let mut out = self.out.lock();
        if out.bytes.capacity() == 0 && bytes.capacity() <= SPARE_BYTES {
            out.bytes = bytes;
        }
    }

    /// Takes what the cell says, for as long as it is polled. Ends with why there is no more.
    pub async fn read(&self, mut take: impl FnMut(Frame) -> Result<(), Death>) -> Death {
        let watched = match self.watch_for_reading() {
            Ok(watched) => watched,
            Err(error) => return Death::of_channel(&error),
        };
        let mut reader = FrameReader::new();
        let (mut read_at_once, mut frames) = (0, 0);
        // Since when it is known of a frame that has not come whole.
        let mut half_since = None;
        loop {
            if half_since.is_some_and(|since: Instant| since.elapsed() > self.frame_time) {
                return self.too_slow();
            }
            match watched.try_io(Interest::READABLE, |socket| reader.read(socket, false)) {
                Ok(0) => return reader.finish().err().map_or(Death::Ended, |broken| Death::broken(&broken)),
                Ok(count) => read_at_once += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    (read_at_once, frames) = (0, 0);
                    match self.wait_for_more(&watched, half_since).await {
                        Ok(()) => continue,
                        Err(death) => return death,
                    }
                }
                // So it is where the cell has left something unread.
                Err(error) => {
                    return reader.finish().err().map_or_else(|| Death::of_channel(&error), |broken| Death::broken(&broken));
                }
            }
            loop {
                match reader.next() {
                    Ok(Some(frame)) => {
                        half_since = None;
                        if let Err(death) = take(frame) {
                            return death;
                        }
                        frames += 1;
                        if frames >= FRAMES_AT_ONCE {
                            frames = 0;
                            tokio::task::yield_now().await;
                        }
                    }
                    Ok(None) => break,
                    Err(broken) => return Death::broken(&broken),
                }
            }
            if reader.is_halfway() {
                half_since.get_or_insert_with(Instant::now);
            }
            if read_at_once > READ_BYTES_AT_ONCE {
                read_at_once = 0;
                tokio::task::yield_now().await;
            }
        }
    }

    #[expect(deprecated, reason = "what replaces it is unsafe, for types that do not own their descriptor as this one does")]
    fn watch_for_reading(&self) -> io::Result<AsyncFd<OwnedFd>> {
        AsyncFd::with_interest(self.socket.try_clone()?, Interest::READABLE)
    }

    async fn wait_for_more(&self, watched: &AsyncFd<OwnedFd>, half_since: Option<Instant>) -> Result<(), Death> {
        let ready = match half_since {
            Some(since) => match tokio::time::timeout_at(since + self.frame_time, watched.readable()).await {
                Ok(ready) => ready,
                Err(_) => return Err(self.too_slow()),
            },
            None => watched.readable().await,
        };
        ready.map(drop).map_err(|error| Death::of_channel(&error))
    }

    fn too_slow(&self) -> Death {
        Death::broken(&format!("a frame has not come whole within {:?}", self.frame_time))
    }
}

/// Of the machine, and for a while: of memory, or of room for descriptors that nobody has taken yet.
fn is_shortage(error: &io::Error) -> bool {
    let shortages = [Errno::NOBUFS, Errno::NOMEM, Errno::TOOMANYREFS];
    Errno::from_io_error(error).is_some_and(|errno| shortages.contains(&errno))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::pair;

    #[tokio::test]
    async fn a_frame_that_does_not_come_whole_is_not_waited_for() -> Result<(), Box<dyn std::error::Error>> {
        let (ours, theirs) = pair()?;
        let link = Link { frame_time: Duration::from_millis(200), ..Link::new(ours, Arc::default())? };
        let mut whole = Vec::new();
        let start = begin_frame(&mut whole, Kind::Message, 1, 0);
        whole.extend_from_slice(&[7; 100]);
        end_frame(&mut whole, start);
        // One that rests, and then brings a frame in pieces, is waited for. Then come pieces of one that never ends.
        let cell = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(500)).await;
            for piece in [&whole[..1], &whole[1..50], &whole[50..]] {
                send(&theirs, piece, &[], false)?;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            for byte in &whole[..100] {
                // Refused when the other end is gone.
                if send(&theirs, &[*byte], &[], false).is_err() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            io::Result::Ok(theirs)
        });
        let mut frames = 0;
        let reading = link.read(|_| {
            frames += 1;
            Ok(())
        });
        let death = tokio::time::timeout(Duration::from_secs(30), reading).await?;
        assert!(matches!(&death, Death::Broken { what, .. } if what.contains("not come whole")), "{death:?}");
        assert_eq!(frames, 1);
        drop(link);
        drop(cell.await??);
        Ok(())
    }
}
