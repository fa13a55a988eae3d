use bytes::Bytes;

use crate::FetchError;

/// What travels on a WebSocket (RFC 6455), after reassembly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SocketMessage {
    Text(String),
    Binary(Bytes),
    /// A close frame; 1005 when it carried no code.
    Close {
        code: u16,
        reason: String,
    },
    /// The connection ended without a close handshake, or could not be made.
    Error {
        message: String,
    },
    /// Calls of methods over it have failed, and it is closed.
    Failed(FetchError),
    /// This many bytes of messages have been taken by the receiver.
    Credit {
        bytes: u32,
    },
}

impl SocketMessage {
    /// Whether nothing follows it.
    pub fn is_last(&self) -> bool {
        matches!(self, Self::Close { .. } | Self::Error { .. } | Self::Failed(_))
    }

    /// Bytes that count against the window of messages under way.
    pub fn weight(&self) -> u32 {
        let bytes = match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
            Self::Close { .. } | Self::Error { .. } | Self::Failed(_) | Self::Credit { .. } => 0,
        };
        u32::try_from(bytes).unwrap_or(u32::MAX).saturating_add(SOCKET_MESSAGE_OVERHEAD_BYTES)
    }
}

/// What each message counts besides its bytes, so that empty ones are not free.
const SOCKET_MESSAGE_OVERHEAD_BYTES: u32 = 64;
