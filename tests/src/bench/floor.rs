use std::convert::Infallible;
use std::error::Error;
use std::net::SocketAddr;

use anyhow::{Context, Result};
use bytes::Bytes;
use clap::{Args, ValueEnum};
use futures_util::stream;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use hyper::body::{Body, Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// How the origin cuts its bodies.
const CHUNK: usize = 64 * 1024;

#[derive(Args)]
pub(crate) struct ServeArgs {
    #[arg(value_enum)]
    what: Service,
    #[arg(long)]
    address: SocketAddr,
    /// Where `proxy` fetches from.
    #[arg(long)]
    origin: Option<SocketAddr>,
}

/// What hyper alone serves: each floor gives the same answer as the worker of its row.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Service {
    Hello,
    Json,
    /// Hands on what the origin answers to the path after its first segment.
    Proxy,
    /// `/N` is answered with N bytes.
    Origin,
}

impl Service {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Hello => "hello",
            Self::Json => "json",
            Self::Proxy => "proxy",
            Self::Origin => "origin",
        }
    }
}

pub(crate) fn serve(args: &ServeArgs) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("no tokio runtime")?;
    runtime.block_on(async {
        match args.what {
            Service::Hello => accept(args.address, async |_| Ok(hello())).await,
            Service::Json => accept(args.address, answer_order).await,
            Service::Origin => accept(args.address, async |request| answer_bytes(&request)).await,
            Service::Proxy => {
                let origin = args.origin.context("`serve proxy` needs --origin")?;
                let client: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
                accept(args.address, move |request| {
                    let client = client.clone();
                    async move { Ok(client.get(origin_uri(origin, request.uri())?).await?) }
                })
                .await
            }
        }
    })
}

async fn accept<H, F, B>(address: SocketAddr, handler: H) -> Result<()>
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Result<Response<B>>> + Send,
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    let listener = TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))?;
    loop {
        let (stream, _) = listener.accept().await.context("cannot accept a connection")?;
        stream.set_nodelay(true)?;
        let handler = handler.clone();
        tokio::spawn(async move {
            // The client's going away is not our trouble.
            let _ended = http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(handler)).await;
        });
    }
}

fn hello() -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from("hello"));
    response.headers_mut().insert(CONTENT_TYPE, http::HeaderValue::from_static("text/plain;charset=UTF-8"));
    response
}

async fn answer_order(request: Request<Incoming>) -> Result<Response<Full<Bytes>>> {
    let body = request.into_body().collect().await?.to_bytes();
    let answer = serde_json::to_vec(&accept_order(serde_json::from_slice(&body)?)?)?;
    Ok(Response::builder().header(CONTENT_TYPE, "application/json").body(Full::from(answer))?)
}

/// What the worker of `warm-json` does to an order.
pub(crate) fn accept_order(mut order: Value) -> Result<Value> {
    let number = |line: &Value, name: &str| line.get(name).and_then(Value::as_u64).unwrap_or(0);
    let lines = order.get_mut("lines").and_then(Value::as_array_mut).context("an order has lines")?;
    let total: u64 = lines.iter().map(|line| number(line, "quantity") * number(line, "price")).sum();
    lines.push(json!({ "sku": "shipping", "name": "Shipping", "quantity": 1, "price": 490 }));
    let order_object = order.as_object_mut().context("an order is an object")?;
    order_object.insert("status".to_owned(), "accepted".into());
    order_object.insert("total".to_owned(), total.into());
    Ok(order)
}

fn answer_bytes(request: &Request<Incoming>) -> Result<Response<impl Body<Data = Bytes, Error = Infallible> + use<>>> {
    static ZEROS: [u8; CHUNK] = [0; CHUNK];
    let total: usize = request.uri().path().trim_start_matches('/').parse().context("the path is a number of bytes")?;
    let chunks = (0..total).step_by(CHUNK).map(move |from| Bytes::from_static(&ZEROS[..CHUNK.min(total - from)]));
    let body = StreamBody::new(stream::iter(chunks.map(|chunk| Ok(Frame::data(chunk)))));
    Ok(Response::builder().header(CONTENT_LENGTH, total).header(CONTENT_TYPE, "application/octet-stream").body(body)?)
}

fn origin_uri(origin: SocketAddr, uri: &Uri) -> Result<Uri> {
    let path = uri.path().trim_start_matches('/').split_once('/').map_or("", |(_, path)| path);
    format!("http://{origin}/{path}").parse().context("no such path at the origin")
}
