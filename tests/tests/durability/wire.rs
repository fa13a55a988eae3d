//! A WebSocket with an object.

use std::net::{SocketAddr, TcpStream};

use skerry_tests::server::PATIENCE;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Message, WebSocket, client};

use super::Failure;
use super::load::HOST;

/// What an object does with one (`keeper.js`).
#[derive(Debug, Clone, Copy)]
pub enum Use {
    /// Messages say what to write, and are answered.
    Writes,
    /// It hears of each token that is written.
    Watches,
}

pub struct Wire {
    socket: WebSocket<TcpStream>,
    asked: u64,
}

impl Wire {
    pub fn open(address: SocketAddr, object: &str, what_for: Use) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        let mut request = format!("ws://{HOST}/wire/{object}/{what_for:?}").into_client_request()?;
        request.headers_mut().insert("host", HOST.parse()?);
        let (socket, _) = client(request, stream).map_err(|error| error.to_string())?;
        Ok(Self { socket, asked: 0 })
    }

    /// The answer to a message. The object counts them in what it has attached to the socket: it may have been asleep meanwhile.
    pub fn ask(&mut self, text: &str) -> Result<(), Failure> {
        self.socket.send(Message::text(text))?;
        self.asked += 1;
        let (answer, expected) = (self.hear()?, format!("written {}", self.asked));
        if answer == expected { Ok(()) } else { Err(format!("\"{answer}\" instead of \"{expected}\"").into()) }
    }

    pub fn hear(&mut self) -> Result<String, Failure> {
        loop {
            match self.socket.read()? {
                Message::Text(text) => return Ok(text.to_string()),
                Message::Close(_) => return Err("the object has closed the socket".into()),
                _ => {}
            }
        }
    }
}
