use super::WireError;
use super::http_parts::read_body_towards_isolate;
use super::reader::Reader;
use super::value::{Value, fields, variants};
use crate::{FetchError, FetchErrorKind, RedirectMode, SocketMessage, Subrequest, Subresponse, Target};

fields!(Subrequest { target, head, body, redirect, socket });
fields!(FetchError { kind, message });

variants!(Target {
    0 => Network,
    1 => Service(place),
    2 => Object { binding, id, name },
    3 => Own { entrypoint, props },
});

variants!(RedirectMode {
    0 => Follow,
    1 => Error,
    2 => Manual,
});

variants!(FetchErrorKind {
    0 => Request,
    1 => Forbidden,
    2 => Connect,
    3 => Protocol,
    4 => Redirect,
    5 => Service,
    6 => Exception,
    7 => Reset,
    8 => Ended,
    9 => Moved,
    10 => Overloaded,
});

variants!(SocketMessage {
    0 => Text(text),
    1 => Binary(bytes),
    2 => Close { code, reason },
    3 => Error { message },
    4 => Credit { bytes },
    5 => Failed(error),
});

impl Value for Subresponse {
    fn write(&self, out: &mut Vec<u8>) {
        self.head.write(out);
        self.body.write(out);
        self.redirected_to.write(out);
    }

    fn read(reader: &mut Reader) -> Result<Self, WireError> {
        Ok(Self { head: Value::read(reader)?, body: read_body_towards_isolate(reader)?, redirected_to: Value::read(reader)? })
    }
}
