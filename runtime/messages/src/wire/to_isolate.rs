use super::WireError;
use super::reader::Reader;
use super::value::{Value, variants};
use crate::ToIsolate;

variants!(ToIsolate {
    0 => Event { id, event },
    1 => Cancel { id },
    2 => InboundChunk { stream, bytes },
    3 => InboundEnd { stream, error },
    4 => OutboundCredit { stream, bytes },
    5 => OutboundStop { stream },
    6 => Subresponse { id, result },
    7 => Socket { socket, message },
    8 => Retire,
    9 => ObjectDurable { object, number },
    10 => ObjectSockets { object, sockets, auto_response },
    11 => AutoResponded { object, number, at_ms },
    12 => ObjectRecalled { object, id, result },
});
