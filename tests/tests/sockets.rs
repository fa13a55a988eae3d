//! WebSockets as a client sees them.

use std::net::TcpStream;

use futures_util::{SinkExt, StreamExt};
use skerry_tests::client;
use skerry_tests::server::Server;
use tempfile::TempDir;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

type Failure = Box<dyn std::error::Error>;

const WORKER: &str = r#"
export default {
  async fetch(request) {
    const url = new URL(request.url);
    if (request.headers.get("upgrade") !== "websocket") {
      return new Response(null, { status: 101, webSocket: new WebSocketPair()[0] });
    }
    if (url.pathname === "/proxy") {
      return fetch(url.origin + "/echo", request);
    }
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    server.binaryType = "arraybuffer";
    server.addEventListener("message", ({ data }) => {
      if (data === "close") server.close(4001, "as asked");
      else if (data === "throw") throw new Error("in a message handler");
      else server.send(data);
    });
    server.addEventListener("close", ({ code, reason, wasClean }) => console.log("closed", code, reason, wasClean, server.readyState));
    const headers = request.headers.has("sec-websocket-protocol") ? { "sec-websocket-protocol": "chat" } : {};
    if (url.pathname === "/greet") server.send("hello first");
    return new Response(null, { status: 101, webSocket: client, headers });
  },
};
"#;

fn serve() -> Result<(TempDir, Server), Failure> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("index.js"), WORKER)?;
    let server = Server::start(folder.path(), &["--no-watch"])?;
    Ok((folder, server))
}

type Socket = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

async fn connect(server: &Server, path: &str) -> Result<Socket, Failure> {
    let (socket, response) = tokio_tungstenite::connect_async(format!("ws://{}{path}", server.address())).await?;
    assert_eq!(response.status(), 101);
    Ok(socket)
}

async fn next(socket: &mut Socket) -> Result<Message, Failure> {
    Ok(socket.next().await.ok_or("the socket ended")??)
}

#[tokio::test]
async fn text_and_binary_are_echoed() -> Result<(), Failure> {
    let (_folder, server) = serve()?;
    let mut socket = connect(&server, "/echo").await?;
    for message in
        [Message::text("grüße"), Message::binary(vec![0, 255, 1]), Message::text(""), Message::text("x".repeat(300_000))]
    {
        socket.send(message.clone()).await?;
        assert_eq!(next(&mut socket).await?, message);
    }
    Ok(())
}

#[tokio::test]
async fn what_the_worker_sends_before_its_answer_arrives() -> Result<(), Failure> {
    let (_folder, server) = serve()?;
    let mut socket = connect(&server, "/greet").await?;
    assert_eq!(next(&mut socket).await?, Message::text("hello first"));
    Ok(())
}

#[tokio::test]
async fn both_sides_can_close() -> Result<(), Failure> {
    let (_folder, server) = serve()?;
    let mut socket = connect(&server, "/echo").await?;
    socket.send(Message::text("close")).await?;
    let expected = CloseFrame { code: CloseCode::from(4001), reason: "as asked".into() };
    assert_eq!(next(&mut socket).await?, Message::Close(Some(expected)));

    let mut socket = connect(&server, "/echo").await?;
    socket.close(Some(CloseFrame { code: CloseCode::from(4002), reason: "bye".into() })).await?;
    server.wait_for("closed 4002 bye true 3")?;
    Ok(())
}

#[tokio::test]
async fn a_client_that_vanishes_is_an_unclean_close() -> Result<(), Failure> {
    let (_folder, server) = serve()?;
    let socket = connect(&server, "/echo").await?;
    drop(socket);
    server.wait_for("closed 1006  false 3")?;
    Ok(())
}

#[tokio::test]
async fn an_exception_in_a_handler_leaves_the_socket_open() -> Result<(), Failure> {
    let (_folder, server) = serve()?;
    let mut socket = connect(&server, "/echo").await?;
    socket.send(Message::text("throw")).await?;
    socket.send(Message::text("still here")).await?;
    assert_eq!(next(&mut socket).await?, Message::text("still here"));
    server.wait_for("in a message handler")?;
    Ok(())
}

#[tokio::test]
async fn a_proxied_socket_carries_both_ways() -> Result<(), Failure> {
    let (_folder, server) = serve()?;
    let mut socket = connect(&server, "/proxy").await?;
    socket.send(Message::text("through")).await?;
    assert_eq!(next(&mut socket).await?, Message::text("through"));
    Ok(())
}

#[tokio::test]
async fn a_flood_is_held_back_by_the_window() -> Result<(), Failure> {
    let (_folder, server) = serve()?;
    let socket = connect(&server, "/echo").await?;
    let (mut sink, mut source) = socket.split();
    let send = async {
        for _ in 0..2_000 {
            sink.send(Message::binary(vec![7; 16 * 1024])).await?;
        }
        Ok::<(), Failure>(())
    };
    let receive = async {
        for _ in 0..2_000 {
            assert_eq!(source.next().await.ok_or("the socket ended")??.len(), 16 * 1024);
        }
        Ok::<(), Failure>(())
    };
    tokio::try_join!(send, receive)?;
    Ok(())
}

#[test]
fn a_websocket_for_a_client_that_did_not_ask_is_an_error() -> Result<(), Failure> {
    let (_folder, server) = serve()?;
    let response = client::get(server.address(), "/")?;
    assert_eq!(response.status, 500);
    assert!(response.text().contains("did not ask for one"), "{}", response.text());
    Ok(())
}

#[test]
fn an_incomplete_handshake_is_not_upgraded() -> Result<(), Failure> {
    let (_folder, server) = serve()?;
    let headers = [("upgrade", "websocket"), ("sec-websocket-version", "13")];
    let response = client::request(server.address(), "GET", "/echo", &headers, b"")?;
    assert_eq!(response.status, 500);
    drop(TcpStream::connect(server.address())?);
    Ok(())
}

/// The limit is that of each message, not of all that a socket ever gets.
#[tokio::test]
async fn each_message_may_use_as_much_cpu_time_as_an_event() -> Result<(), Failure> {
    let worker = "const burn = (n) => { let x = 0; for (let i = 0; i < n; i++) x = (x * 31 + i) | 0; return x; };\n\
                  export default { fetch() {\n  const [client, server] = Object.values(new WebSocketPair());\n  server.accept();\n\
                  server.addEventListener('message', ({ data }) => {\n    if (data === 'loop') for (;;);\n\
                  burn(1e7); setTimeout(() => server.send(data), 1);\n  });\n\
                  return new Response(null, { status: 101, webSocket: client });\n} };";
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("index.js"), worker)?;
    let config = folder.path().join("node.toml");
    let text = "listen = \"127.0.0.1:0\"\n[limits]\ncpu_ms = 100\n[[worker]]\npath = \"index.js\"\nroutes = [\"*/*\"]\n";
    std::fs::write(&config, text)?;
    let server = Server::start_edge(&config, &[])?;
    let mut socket = connect(&server, "/").await?;
    for number in 0..25 {
        let text = number.to_string();
        socket.send(Message::text(text.clone())).await?;
        assert_eq!(next(&mut socket).await?, Message::text(text));
    }
    socket.send(Message::text("loop")).await?;
    assert!(!matches!(next(&mut socket).await, Ok(Message::Text(_))));
    Ok(())
}
