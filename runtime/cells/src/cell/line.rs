//! A channel of one isolate's own, which its thread reads itself.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use skerry_messages::ToIsolate;
use skerry_runtime::Line;
use tokio::io::Interest;
use tokio::net::UnixStream;

use super::CellError;
use super::host::message_of;
use super::voice::Voice;
use crate::channel::FrameReader;

/// Most messages are a few hundred bytes. Larger ones are read into more for a while.
const BUFFER_BYTES: usize = 16 << 10;

pub(super) struct OwnLine {
    /// Counts the events that are taken.
    voice: Arc<Voice>,
    end: End,
    reader: FrameReader,
}

/// The isolate's end of the channel.
enum End {
    /// The thread that it is for has not seen it.
    New(Option<OwnedFd>),
    Watched(UnixStream),
}

impl OwnLine {
    /// The socket does not wait.
    pub fn new(socket: OwnedFd, voice: Arc<Voice>) -> Self {
        Self { voice, end: End::New(Some(socket)), reader: FrameReader::with_buffer(BUFFER_BYTES) }
    }

    fn poll(&mut self, cx: &mut Context) -> Poll<Result<Option<ToIsolate>, CellError>> {
        loop {
            match self.reader.next() {
                Ok(Some(frame)) => return Poll::Ready(message_of(frame).map(Some)),
                Ok(None) => {}
                Err(broken) => return Poll::Ready(Err(broken.into())),
            }
            let socket = match &mut self.end {
                End::Watched(socket) => socket,
                End::New(socket) => {
                    let Some(socket) = socket.take() else { return Poll::Ready(Ok(None)) };
                    self.end = End::Watched(UnixStream::from_std(socket.into())?);
                    continue;
                }
            };
            ready!(socket.poll_read_ready(cx))?;
            match socket.try_io(Interest::READABLE, || self.reader.read(&*socket, true)) {
                Ok(0) => return Poll::Ready(self.reader.finish().map(|()| None).map_err(CellError::from)),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error.into())),
            }
        }
    }
}

impl Drop for OwnLine {
    fn drop(&mut self) {
        self.voice.tell_taken();
    }
}

impl Line for OwnLine {
    fn poll_next(&mut self, cx: &mut Context) -> Poll<Option<ToIsolate>> {
        let next = ready!(self.poll(cx)).unwrap_or_else(|error| {
            eprintln!("a line cannot be read: {error}");
            // As where the channel of all cannot be.
            std::process::exit(1)
        });
        if let Some(ToIsolate::Event { .. }) = &next {
            self.voice.note_taken();
        }
        Poll::Ready(next)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::os::fd::AsFd;

    use skerry_messages::{Event, ObjectEvent, ObjectFile, wire};

    use super::*;
    use crate::cell::writer::Writer;
    use crate::channel::{Kind, begin_frame, end_frame, one_way, pair, send};

    type Failure = Box<dyn std::error::Error>;

    fn frame(message: &ToIsolate, descriptors: usize) -> Vec<u8> {
        let mut out = Vec::new();
        let start = begin_frame(&mut out, Kind::Message, 7, descriptors);
        wire::write_to_isolate(message, &mut out);
        end_frame(&mut out, start);
        out
    }

    #[tokio::test]
    async fn messages_come_in_their_order_with_their_files_until_the_front_lets_go() -> Result<(), Failure> {
        let (front, own) = one_way()?;
        assert!(send(&own, b"back", &[], false).is_err(), "nothing goes to the front by it");
        let large = ToIsolate::InboundChunk { stream: 1, bytes: vec![7; 5 * BUFFER_BYTES].into() };
        let file = tempfile::tempfile()?;
        let object = Event::Object(Box::new(ObjectEvent {
            class: "Room".to_owned(),
            id: [1; 32],
            name: None,
            file: ObjectFile(None),
            commits: 0,
        }));
        let sending = std::thread::spawn(move || {
            for piece in frame(&ToIsolate::Cancel { id: 1 }, 0).chunks(3).chain(frame(&large, 0).chunks(9_001)) {
                send(&front, piece, &[], true)?;
            }
            let frame = frame(&ToIsolate::Event { id: 2, event: object }, 1);
            send(&front, &frame, &[file.as_fd()], true)
        });
        let (channel, told) = pair()?;
        // Of the process: the thread that writes is never joined.
        let channel: &'static OwnedFd = Box::leak(Box::new(channel));
        let voice = Arc::new(Voice::new(7, Writer::start(channel.as_fd())?, false));
        let mut line = OwnLine::new(own, voice.clone());
        let mut next = async || poll_fn(|cx| line.poll_next(cx)).await;
        assert!(matches!(next().await, Some(ToIsolate::Cancel { id: 1 })));
        let chunk = next().await;
        assert!(matches!(chunk, Some(ToIsolate::InboundChunk { bytes, .. }) if bytes.len() == 5 * BUFFER_BYTES));
        let Some(ToIsolate::Event { id: 2, event: Event::Object(event) }) = next().await else { return Err("no event".into()) };
        assert!(event.file.0.is_some());
        sending.join().map_err(|_| "the sender panicked")??;
        assert!(next().await.is_none() && next().await.is_none());
        drop(line);
        let mut reader = FrameReader::new();
        let taken = loop {
            if let Some(frame) = reader.next()? {
                break frame;
            }
            assert!(reader.read(&told, false)? > 0);
        };
        assert_eq!((taken.kind, taken.isolate, &taken.payload[..]), (Kind::Taken, 7, &1_u32.to_le_bytes()[..]));
        Ok(())
    }
}
