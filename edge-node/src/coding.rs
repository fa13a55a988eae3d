//! Content codings (RFC 9110, 8.4): what a server sent coded is decoded for worker code, and what worker code labels as coded
//! is coded on its way out.

use async_compression::tokio::bufread::{BrotliDecoder, BrotliEncoder, GzipDecoder, GzipEncoder, ZlibDecoder, ZlibEncoder};
use bytes::Bytes;
use futures_util::TryStreamExt;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use http_body::Frame;
use http_body_util::{BodyExt, BodyStream, StreamBody};
use tokio::io::AsyncRead;
use tokio_util::io::{ReaderStream, StreamReader};

use crate::body::AnyBody;

/// Bytes decoded or coded at a time.
const CHUNK_BYTES: usize = 32 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    Gzip,
    Deflate,
    Brotli,
}

impl Coding {
    /// The one coding that a `content-encoding` header names; none where there is none, or one that is not known here.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(CONTENT_ENCODING)?.to_str().ok()?.trim();
        if value.eq_ignore_ascii_case("gzip") || value.eq_ignore_ascii_case("x-gzip") {
            Some(Self::Gzip)
        } else if value.eq_ignore_ascii_case("deflate") {
            Some(Self::Deflate)
        } else if value.eq_ignore_ascii_case("br") {
            Some(Self::Brotli)
        } else {
            None
        }
    }

    pub fn decode(self, body: AnyBody) -> AnyBody {
        let reader = reader(body);
        match self {
            Self::Gzip => {
                let mut decoder = GzipDecoder::new(reader);
                decoder.multiple_members(true);
                stream(decoder)
            }
            Self::Deflate => stream(ZlibDecoder::new(reader)),
            Self::Brotli => stream(BrotliDecoder::new(reader)),
        }
    }

    pub fn encode(self, body: AnyBody) -> AnyBody {
        let reader = reader(body);
        match self {
            Self::Gzip => stream(GzipEncoder::new(reader)),
            Self::Deflate => stream(ZlibEncoder::new(reader)),
            Self::Brotli => stream(BrotliEncoder::with_quality(reader, async_compression::Level::Precise(4))),
        }
    }
}

fn reader(body: AnyBody) -> impl tokio::io::AsyncBufRead + Send + 'static {
    let chunks = BodyStream::new(body)
        .try_filter_map(|frame| std::future::ready(Ok(frame.into_data().ok())))
        .map_err(std::io::Error::other);
    // `AnyBody` is not `Sync`; the reader only needs to move between threads.
    StreamReader::new(Box::pin(chunks))
}

fn stream(reader: impl AsyncRead + Send + 'static) -> AnyBody {
    let chunks = ReaderStream::with_capacity(reader, CHUNK_BYTES).map_ok(Frame::<Bytes>::data).map_err(Into::into);
    BodyExt::boxed_unsync(StreamBody::new(Box::pin(chunks)))
}
