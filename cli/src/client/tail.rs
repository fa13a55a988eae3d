use clap::{Args, ValueEnum};
use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::Done;
use super::api::{Api, worker_path};
use super::args::Target;
use super::failure::Failure;
use super::http::Socket;
use super::out::Out;
use crate::start;

const PROTOCOL: &str = "trace-v1";

#[derive(Args)]
pub struct TailArgs {
    #[command(flatten)]
    pub target: Target,
    /// The worker, over the name in the project's wrangler configuration.
    #[arg(value_name = "NAME")]
    worker: Option<String>,
    /// Only requests that ended so.
    #[arg(long, value_enum)]
    status: Vec<Status>,
    /// Only requests that logged this text.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// A part of the requests: 0.5 is half of them.
    #[arg(long, value_name = "RATE", value_parser = parse_rate)]
    sampling_rate: Option<f64>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Status {
    Ok,
    Error,
}

impl Status {
    fn outcomes(self) -> &'static [&'static str] {
        match self {
            Self::Ok => &["ok"],
            Self::Error => &["exception", "exceededCpu", "exceededMemory", "unknown"],
        }
    }
}

fn parse_rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate| (0.0..=1.0).contains(rate));
    rate.ok_or_else(|| "expected a part from 0 to 1, such as 0.5".to_owned())
}

/// Shows events until it is interrupted, or the control plane ends it.
pub async fn tail(args: &TailArgs, out: &Out) -> Done {
    let api = Api::of(&args.target.shared)?;
    let name = match &args.worker {
        Some(name) => name.clone(),
        None => args.target.worker()?,
    };
    let created = api.post(&worker_path(&name, &["tails"]), &json!({ "filters": filters(args) })).await?;
    let text = |key: &str| created[key].as_str().unwrap_or_default();
    let mut socket = api.socket(text("url"), PROTOCOL).await?;
    // On standard error: with --json the events are alone.
    eprintln!("Watching {name}: Ctrl-C ends it");
    let ended = tokio::select! {
        ended = watch(&mut socket, out) => ended,
        () = start::interrupted() => Ok(()),
    };
    // If the control plane is gone, so is the tail.
    let _gone = api.delete(&worker_path(&name, &["tails", text("id")])).await;
    ended.map(|()| Value::Null)
}

fn filters(args: &TailArgs) -> Vec<Value> {
    let outcomes: Vec<_> = args.status.iter().flat_map(|status| status.outcomes()).collect();
    let mut filters = Vec::new();
    if !outcomes.is_empty() {
        filters.push(json!({ "outcome": outcomes }));
    }
    filters.extend(args.search.iter().map(|text| json!({ "query": text })));
    filters.extend(args.sampling_rate.iter().map(|rate| json!({ "sampling_rate": rate })));
    filters
}

async fn watch(socket: &mut Socket, out: &Out) -> Result<(), Failure> {
    while let Some(message) = socket.next().await {
        match message.map_err(|error| Failure::failed(format!("the connection broke: {error}. Start the tail again")))? {
            Message::Text(text) => show(&serde_json::from_str(&text).unwrap_or_default(), out),
            Message::Close(_) => break,
            _ => {}
        }
    }
    Err(Failure::failed("the control plane ended the tail: start it again"))
}

fn show(event: &Value, out: &Out) {
    if out.is_json() {
        return out.event(event);
    }
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let (request, response) = (&event["event"]["request"], &event["event"]["response"]);
    let times = format!("{} ms, {} ms CPU", event["wallTime"], event["cpuTime"]);
    let head = format!("{} {} {}", text(&request["method"]), text(&request["url"]), response["status"]);
    out.say(&format!("{head} {} ({times})", text(&event["outcome"])));
    for log in event["logs"].as_array().into_iter().flatten() {
        let parts: Vec<_> = log["message"].as_array().into_iter().flatten().map(text).collect();
        out.say(&format!("  {}: {}", text(&log["level"]), parts.join(" ")));
    }
    for exception in event["exceptions"].as_array().into_iter().flatten() {
        let stack = exception["stack"].as_str().map(str::to_owned);
        let said = stack.unwrap_or_else(|| format!("{}: {}", text(&exception["name"]), text(&exception["message"])));
        out.say(&format!("  {}", said.replace('\n', "\n  ")));
    }
}
