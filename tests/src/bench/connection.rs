use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use skerry_tests::client::{self, Response};

/// The largest answer that is expected.
const ANSWER_BYTES_MAX: usize = 16 * 1024;

/// A client's connection, kept alive: one request at a time, on the caller's thread, so that no scheduler but the kernel's is
/// measured.
pub(crate) struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    /// `patience` is how long an answer is waited for.
    pub(crate) fn open(address: SocketAddr, patience: Duration) -> Result<Self> {
        let stream = TcpStream::connect(address).context("no connection")?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(patience))?;
        Ok(Self { stream, received: Vec::with_capacity(ANSWER_BYTES_MAX) })
    }

    /// The answer, and how long it took to come whole. After an error the connection is of no use.
    pub(crate) fn get(&mut self, host: &str, path: &str) -> Result<(Response, Duration)> {
        let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n\r\n");
        self.received.clear();
        let began = Instant::now();
        self.stream.write_all(request.as_bytes()).context("the request cannot be sent")?;
        while !is_whole(&self.received) {
            let mut bytes = [0; 4096];
            let count = self.stream.read(&mut bytes).context("no answer")?;
            ensure!(count > 0, "the connection was closed after {:?}", String::from_utf8_lossy(&self.received));
            self.received.extend_from_slice(&bytes[..count]);
            ensure!(self.received.len() <= ANSWER_BYTES_MAX, "the answer is too long");
        }
        let taken = began.elapsed();
        Ok((client::parse(&self.received)?, taken))
    }
}

fn is_whole(received: &[u8]) -> bool {
    let Some(head_end) = received.windows(4).position(|window| window == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&received[..head_end]).to_ascii_lowercase();
    let length = head.split("\r\ncontent-length:").nth(1).and_then(|rest| rest.lines().next()?.trim().parse::<usize>().ok());
    match length {
        Some(length) => received.len() >= head_end + 4 + length,
        None => received.ends_with(b"\r\n0\r\n\r\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_end_where_they_say() {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n";
        let cases = [
            ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n".to_owned(), false),
            (format!("{head}hell"), false),
            (format!("{head}hello"), true),
            (chunked.to_owned(), false),
            (format!("{chunked}0\r\n\r\n"), true),
        ];
        for (received, expected) in cases {
            assert_eq!(is_whole(received.as_bytes()), expected, "{received}");
        }
    }
}
