use super::WireError;
use super::reader::Reader;
use super::value::{Value, variants};
use crate::{Entrypoint, EventKind, FromIsolate};

variants!(FromIsolate {
    0 => Ready { entrypoints },
    1 => StartFailed { failure },
    2 => Response { event, head, body },
    3 => Failed { event, failure, pass_through },
    4 => Done { event, outcome },
    5 => InboundCredit { stream, bytes },
    6 => InboundStop { stream },
    7 => OutboundChunk { stream, bytes },
    8 => OutboundEnd { stream, error },
    9 => Subrequest { id, event, request },
    10 => SubrequestCancel { id },
    11 => Socket { socket, message },
    12 => Log { event, line },
    13 => Ending,
    14 => Returned { id, event },
    15 => Stuck { failure },
    16 => Ended,
    17 => Rpc { socket, event, target, first },
    18 => ObjectCommit(commit),
    19 => ObjectSocket { object, number, action },
    20 => AutoResponse { object, pair },
    21 => SocketListen { socket },
    22 => ObjectRecall(recall),
});

impl Value for Entrypoint {
    const BYTES_MIN: usize = String::BYTES_MIN + Vec::<EventKind>::BYTES_MIN;

    fn write(&self, out: &mut Vec<u8>) {
        self.name.write(out);
        self.handlers.write(out);
    }

    fn read(reader: &mut Reader) -> Result<Self, WireError> {
        Ok(Self { name: Value::read(reader)?, handlers: Value::read(reader)? })
    }
}
