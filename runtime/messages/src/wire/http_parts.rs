use http::{Method, StatusCode};

use super::WireError;
use super::error::excerpt;
use super::reader::Reader;
use super::value::{Value, fields, variants, write_bytes};
use crate::{Body, RequestHead, ResponseHead};

fields!(RequestHead { method, url, headers });
fields!(ResponseHead { status, status_text, headers, socket, encoded });

variants!(Body {
    0 => Empty,
    1 => Full(bytes),
    2 => Stream { id, length },
    3 => Passthrough { inbound },
});

/// A body that an isolate is to have, which is never one that an isolate has passed through.
#[inline]
pub(super) fn read_body_towards_isolate(reader: &mut Reader) -> Result<Body, WireError> {
    match Body::read(reader)? {
        Body::Passthrough { .. } => Err(WireError::Passthrough),
        body => Ok(body),
    }
}

/// By their place in [`METHODS`] from 1 on; 0 is any other, as text.
impl Value for Method {
    fn write(&self, out: &mut Vec<u8>) {
        if let Some((id, _)) = (1..).zip(&METHODS).find(|(_, method)| *method == self) {
            out.push(id);
        } else {
            out.push(0);
            write_bytes(self.as_str().as_bytes(), out);
        }
    }

    #[inline]
    fn read(reader: &mut Reader) -> Result<Self, WireError> {
        match u8::read(reader)? {
            0 => {
                let text = reader.borrowed()?;
                Self::from_bytes(text).map_err(|_| WireError::Method(excerpt(text)))
            }
            tag => match METHODS.get(usize::from(tag) - 1) {
                Some(method) => Ok(method.clone()),
                None => Err(WireError::UnknownTag { of: "Method", tag }),
            },
        }
    }
}

static METHODS: [Method; 9] = [
    Method::GET,
    Method::POST,
    Method::HEAD,
    Method::PUT,
    Method::DELETE,
    Method::OPTIONS,
    Method::PATCH,
    Method::CONNECT,
    Method::TRACE,
];

impl Value for StatusCode {
    fn write(&self, out: &mut Vec<u8>) {
        self.as_u16().write(out);
    }

    #[inline]
    fn read(reader: &mut Reader) -> Result<Self, WireError> {
        let status = u16::read(reader)?;
        Self::from_u16(status).map_err(|_| WireError::Status(status))
    }
}
