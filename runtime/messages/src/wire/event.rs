use super::WireError;
use super::http_parts::read_body_towards_isolate;
use super::reader::Reader;
use super::value::{Value, fields, variants};
use crate::{AlarmEvent, Event, EventKind, FetchEvent, Handler, ObjectEvent, ObjectFile, RpcEvent, SocketEvent};

variants!(Event {
    0 => Fetch(event),
    1 => Rpc(event),
    2 => Object(event),
    3 => Alarm(event),
    4 => Socket(event),
});

variants!(EventKind {
    0 => Fetch,
    1 => Object,
    2 => Alarm,
});

variants!(Handler {
    0 => Entrypoint { name, props },
    1 => Object(object),
});

fields!(RpcEvent { handler, first });
fields!(SocketEvent { object, number, message });
fields!(AlarmEvent { object, scheduled_ms, retries });
fields!(ObjectEvent { class, id, name, file, commits });

impl Value for FetchEvent {
    fn write(&self, out: &mut Vec<u8>) {
        self.handler.write(out);
        self.request.write(out);
        self.body.write(out);
        self.cf.write(out);
    }

    #[inline]
    fn read(reader: &mut Reader) -> Result<Self, WireError> {
        Ok(Self {
            handler: Value::read(reader)?,
            request: Value::read(reader)?,
            body: read_body_towards_isolate(reader)?,
            cf: Value::read(reader)?,
        })
    }
}

/// It goes beside the message.
impl Value for ObjectFile {
    const BYTES_MIN: usize = 0;

    fn write(&self, _out: &mut Vec<u8>) {}

    fn read(_reader: &mut Reader) -> Result<Self, WireError> {
        Ok(Self(None))
    }
}
