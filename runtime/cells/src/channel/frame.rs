//! Frames: a head of twelve bytes (length of what follows, kind, descriptors that belong to it, isolate), and what follows.

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use bytes::Bytes;

use super::{DESCRIPTORS_MAX, receive, receive_bytes};

const HEAD_BYTES: usize = 12;
/// A message of a WebSocket, or a call with its arguments, of 32 MiB, and what is around it.
pub(crate) const FRAME_BYTES_MAX: usize = (32 << 20) + 4096;
const BUFFER_BYTES: usize = 256 << 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    /// To a cell, first of all: what it is to be.
    Hello,
    /// To a cell: an isolate with a worker's code.
    Start,
    /// A message to or from an isolate.
    Message,
    /// To a cell, which says how it is.
    Ping,
    Pong,
    /// From a cell that can take work.
    Ready,
    /// To a cell that does nothing else: modules to compile.
    Compile,
    /// From it: what became of one of them, or nothing when it is through.
    Compiled,
    /// To a cell: a channel by which messages come to one isolate from here on.
    Line,
    /// From a cell: an isolate takes no more from its line. How many events it has.
    Taken,
}

impl Kind {
    fn of(byte: u8) -> Option<Self> {
        let kinds = [
            Self::Hello,
            Self::Start,
            Self::Message,
            Self::Ping,
            Self::Pong,
            Self::Ready,
            Self::Compile,
            Self::Compiled,
            Self::Line,
            Self::Taken,
        ];
        kinds.get(usize::from(byte)).copied()
    }
}

pub(crate) struct Frame {
    pub kind: Kind,
    pub isolate: u32,
    pub payload: Bytes,
    pub descriptors: Vec<OwnedFd>,
}

/// Why what came is no frame.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Broken {
    #[error("a frame has the kind {0}, which there is not")]
    Kind(u8),
    #[error("a frame of {0} bytes is announced")]
    TooLarge(usize),
    #[error("a frame lacks {0} descriptors")]
    NoDescriptor(usize),
    #[error("{0} descriptors came that belong to no frame")]
    Descriptors(usize),
    #[error("the stream ended in the middle of a frame")]
    Half,
}

/// Writes a frame's head, whose length is set by [`end_frame`]. Says where it begins.
pub(crate) fn begin_frame(out: &mut Vec<u8>, kind: Kind, isolate: u32, descriptors: usize) -> usize {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&[kind as u8, u8::try_from(descriptors).unwrap_or(u8::MAX), 0, 0]);
    out.extend_from_slice(&isolate.to_le_bytes());
    start
}

/// Says how much follows the head.
pub(crate) fn end_frame(out: &mut [u8], start: usize) -> usize {
    let length = out.len() - start - HEAD_BYTES;
    out[start..start + 4].copy_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
    length
}

/// What has been read and not yet taken.
pub(crate) struct FrameReader {
    buffer: Vec<u8>,
    /// How large the buffer is where no frame needs more.
    usual: usize,
    start: usize,
    end: usize,
    descriptors: VecDeque<OwnedFd>,
}

impl FrameReader {
    pub fn new() -> Self {
        Self::with_buffer(BUFFER_BYTES)
    }

    /// With a buffer of so many bytes, and a larger one where a frame needs it.
    pub fn with_buffer(usual: usize) -> Self {
        Self { buffer: vec![0; usual], usual, start: 0, end: 0, descriptors: VecDeque::new() }
    }

    /// Reads once. No bytes are the end of the stream. A cell takes descriptors, and waits where the socket does; the front does neither: the
    /// kernel closes what comes.
    pub fn read(&mut self, socket: impl AsFd, is_cell: bool) -> io::Result<usize> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        let usual = self.usual;
        let wanted = self.announced().map_or(usual, |length| (HEAD_BYTES + length.min(FRAME_BYTES_MAX)).max(usual));
        if self.buffer.len() < wanted {
            // As it comes, and not as it was announced.
            let grown = (self.buffer.len() * 2).clamp(usual, wanted);
            if self.end == self.buffer.len() {
                self.buffer.resize(grown, 0);
            }
        } else if self.buffer.len() > usual && self.end < usual && wanted == usual {
            self.buffer.truncate(usual);
            self.buffer.shrink_to_fit();
        }
        let free = &mut self.buffer[self.end..];
        let count = if is_cell { receive(socket, free, &mut self.descriptors)? } else { receive_bytes(socket, free)? };
        self.end += count;
        Ok(count)
    }

    /// The next frame, if it has come whole.
    pub fn next(&mut self) -> Result<Option<Frame>, Broken> {
        let Some(length) = self.announced() else {
            return self.check_descriptors().map(|()| None);
        };
        if length > FRAME_BYTES_MAX {
            return Err(Broken::TooLarge(length));
        }
        let head = &self.buffer[self.start..self.start + HEAD_BYTES];
        let kind = Kind::of(head[4]).ok_or(Broken::Kind(head[4]))?;
        let wanted = usize::from(head[5]);
        let isolate = u32::from_le_bytes([head[8], head[9], head[10], head[11]]);
        if self.end - self.start < HEAD_BYTES + length {
            return self.check_descriptors().map(|()| None);
        }
        let from = self.start + HEAD_BYTES;
        let payload = Bytes::copy_from_slice(&self.buffer[from..from + length]);
        self.start = from + length;
        if wanted > self.descriptors.len() {
            return Err(Broken::NoDescriptor(wanted - self.descriptors.len()));
        }
        Ok(Some(Frame { kind, isolate, payload, descriptors: self.descriptors.drain(..wanted).collect() }))
    }

    /// Something has come that is no whole frame.
    pub fn is_halfway(&self) -> bool {
        self.start != self.end
    }

    /// The stream has ended.
    pub fn finish(&self) -> Result<(), Broken> {
        if self.is_halfway() { Err(Broken::Half) } else { Ok(()) }
    }

    fn announced(&self) -> Option<usize> {
        let head = self.buffer[self.start..self.end].get(..HEAD_BYTES)?;
        usize::try_from(u32::from_le_bytes([head[0], head[1], head[2], head[3]])).ok()
    }

    /// They come with the first byte of the frame that they belong to, or after it: no more of them can wait.
    fn check_descriptors(&self) -> Result<(), Broken> {
        let waiting = self.descriptors.len();
        if waiting > DESCRIPTORS_MAX { Err(Broken::Descriptors(waiting)) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsRawFd;

    use super::super::{pair, read_sealed, sealed, send};
    use super::*;

    type Failure = Box<dyn std::error::Error>;

    fn frame(kind: Kind, isolate: u32, descriptors: usize, payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let start = begin_frame(&mut out, kind, isolate, descriptors);
        out.extend_from_slice(payload);
        end_frame(&mut out, start);
        out
    }

    #[test]
    fn frames_come_as_they_were_sent_however_they_are_cut() -> Result<(), Failure> {
        let (front, cell) = pair()?;
        let large = vec![7; 700_000];
        let mut sent = frame(Kind::Message, 3, 0, b"hello");
        sent.extend(frame(Kind::Ping, 0, 0, b""));
        sent.extend(frame(Kind::Message, 4, 0, &large));
        let writer = std::thread::spawn(move || {
            for piece in sent.chunks(9_001) {
                let mut rest = piece;
                while !rest.is_empty() {
                    let count = send(&front, rest, &[], true)?;
                    rest = &rest[count..];
                }
            }
            io::Result::Ok(())
        });
        let mut reader = FrameReader::new();
        let mut seen = Vec::new();
        while reader.read(&cell, true)? > 0 {
            while let Some(frame) = reader.next()? {
                seen.push((frame.kind, frame.isolate, frame.payload));
            }
        }
        reader.finish()?;
        writer.join().map_err(|_| "the writer panicked")??;
        assert_eq!(seen.len(), 3);
        assert_eq!((seen[0].0, seen[0].1, &seen[0].2[..]), (Kind::Message, 3, &b"hello"[..]));
        assert_eq!((seen[1].0, seen[2].1, seen[2].2.len()), (Kind::Ping, 4, large.len()));
        Ok(())
    }

    #[test]
    fn descriptors_come_with_their_frame() -> Result<(), Failure> {
        let (front, cell) = pair()?;
        let file = sealed("code", &[b"code"])?;
        send(&front, &frame(Kind::Ping, 0, 0, b"before"), &[], true)?;
        send(&front, &frame(Kind::Start, 1, 1, b"with"), &[file.as_fd()], true)?;
        send(&front, &frame(Kind::Ping, 0, 0, b"after"), &[], true)?;
        drop(front);
        let mut reader = FrameReader::new();
        let mut seen = Vec::new();
        while reader.read(&cell, true)? > 0 {
            while let Some(frame) = reader.next()? {
                seen.push((frame.payload, frame.descriptors));
            }
        }
        let counts: Vec<_> = seen.iter().map(|(_, descriptors)| descriptors.len()).collect();
        assert_eq!(counts, [0, 1, 0]);
        let received = seen.remove(1).1.remove(0);
        assert_ne!(received.as_raw_fd(), file.as_raw_fd());
        assert_eq!(read_sealed(received, 100)?, b"code");
        Ok(())
    }

    #[test]
    fn what_is_no_frame_is_told_apart() -> Result<(), Failure> {
        let outcome = |bytes: &[u8]| -> Result<String, Failure> {
            let (front, cell) = pair()?;
            send(&front, bytes, &[], true)?;
            drop(front);
            let mut reader = FrameReader::new();
            while reader.read(&cell, true)? > 0 {
                loop {
                    match reader.next() {
                        Ok(Some(_)) => {}
                        Ok(None) => break,
                        Err(error) => return Ok(error.to_string()),
                    }
                }
            }
            Ok(reader.finish().err().map_or_else(String::new, |error| error.to_string()))
        };
        assert_eq!(outcome(&frame(Kind::Pong, 0, 0, b"x"))?, "");
        assert!(outcome(&[255; 12])?.contains("announced"));
        assert!(outcome(&[0, 0, 0, 0, 99, 0, 0, 0, 0, 0, 0, 0])?.contains("kind 99"));
        assert!(outcome(&frame(Kind::Pong, 0, 2, b"x"))?.contains("lacks 2"));
        assert!(outcome(&frame(Kind::Pong, 0, 0, b"x")[..12])?.contains("middle"));
        assert!(outcome(b"GET / HTTP")?.contains("middle"));
        Ok(())
    }
}
