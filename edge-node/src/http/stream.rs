use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A connection that hyper uses and the server keeps a hand on: after a request's head did not come in time, hyper ends
/// without an answer, and the server still can give one.
#[derive(Clone)]
pub(super) struct SharedStream(Arc<TcpStream>, Arc<AtomicBool>);

impl SharedStream {
    pub fn new(stream: TcpStream) -> Self {
        Self(Arc::new(stream), Arc::default())
    }

    /// Nothing has come since the last answer: the client waits for none.
    pub fn is_at_rest(&self) -> bool {
        !self.1.load(Ordering::Relaxed)
    }

    /// Waits for the first byte, or for the end.
    pub async fn readable(&self) {
        // An error shows itself to whoever reads.
        let _ready = self.0.readable().await;
    }

    /// Writes what fits at once; to be used only when hyper is done with the connection.
    pub fn last_words(&self, words: &[u8]) {
        // The client may be gone.
        let _written = self.0.try_write(words);
    }

    fn write_with(&self, cx: &mut Context, write: impl Fn(&TcpStream) -> io::Result<usize>) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.0.poll_write_ready(cx))?;
            match write(&self.0) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => {
                    self.1.store(false, Ordering::Relaxed);
                    return Poll::Ready(result);
                }
            }
        }
    }
}

impl AsyncRead for SharedStream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context, buffer: &mut ReadBuf) -> Poll<io::Result<()>> {
        loop {
            ready!(self.0.poll_read_ready(cx))?;
            match self.0.try_read_buf(buffer) {
                Ok(_) => {
                    self.1.store(true, Ordering::Relaxed);
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl AsyncWrite for SharedStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.write_with(cx, |stream| stream.try_write(bytes))
    }

    fn poll_write_vectored(self: Pin<&mut Self>, cx: &mut Context, slices: &[IoSlice]) -> Poll<io::Result<usize>> {
        self.write_with(cx, |stream| stream.try_write_vectored(slices))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context) -> Poll<io::Result<()>> {
        // The connection is closed when the last hand lets go.
        Poll::Ready(Ok(()))
    }
}
