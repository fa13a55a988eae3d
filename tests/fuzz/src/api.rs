//! Uploads, triggers, and whatever else may be sent to the API.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use serde_json::Value;
use skerry_control::fuzzing::{Answering, version_of_form, version_of_json};
use skerry_control::{ControlError, NewTriggers, NewVersion, Publish, Uploaded};
use skerry_edge::Route;
use skerry_edge::fuzzing::after_feed;
use skerry_protocol::{DeployedWorker, FeedMessage};

use crate::plane::{Plane, wait};

const FORM: &str = "multipart/form-data; boundary=b";
const BYTES_MAX: usize = 64 << 20;

/// The form that wrangler uploads, with the boundary `b`.
pub fn upload_form(data: &[u8]) {
    wait(async {
        if let Ok(new) = version_of_form(FORM, Bytes::copy_from_slice(data)).await {
            upload(new).await;
        }
    });
}

/// The JSON that `skerry deploy` uploads.
pub fn upload_json(data: &[u8]) {
    if let Ok(new) = version_of_json(data) {
        wait(upload(new));
    }
}

/// What is taken is sent to edges, who read the same, and it is no larger than it may be; what is refused is refused as the client's fault.
async fn upload(new: NewVersion) {
    let plane = Plane::new().await;
    match plane.control.upload(&plane.caller, "app", new.clone(), Publish::Deploy).await {
        Err(error) => assert_refused(&error),
        Ok(Uploaded { worker, version, .. }) => {
            let read = plane.control.version(&worker.id, &version.id).await.expect("it can be read");
            assert_eq!(serde_json::to_value(&read).ok(), serde_json::to_value(&version).ok(), "it is kept as it was shown");
            let [served] = &served(&plane).await[..] else { panic!("one worker was deployed") };
            assert_eq!(served.versions.len(), 1);
            let bytes: usize = new.modules.iter().map(|module| module.content.len()).sum();
            assert!(bytes <= BYTES_MAX && served.versions[0].modules.len() == new.modules.len());
            for module in &served.versions[0].modules {
                let blob = plane.control.blob(module.digest).await.expect("it can be read").expect("it is kept");
                assert_eq!(blob.len() as u64, module.size);
            }
            // The next version takes over what this one has.
            let kinds = ["secret_text", "plain_text", "json", "version_metadata"].map(str::to_owned);
            let next = NewVersion { bindings: Vec::new(), keep_bindings: Some(kinds.into()), ..new };
            let next =
                plane.control.upload(&plane.caller, "app", next, Publish::Keep).await.expect("it is like the first").version;
            assert_eq!((next.bindings.len(), next.secrets.len()), (version.bindings.len(), version.secrets.len()));
        }
    }
}

/// Routes, domains and crons: a line each, which begin with `r`, `d` or `c`.
pub fn triggers(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let of = |kind: char| -> Vec<String> { text.lines().filter_map(|line| line.strip_prefix(kind)).map(str::to_owned).collect() };
    wait(async {
        let plane = Plane::new().await;
        for name in ["app", "other"] {
            plane.control.upload(&plane.caller, name, plain(), Publish::Deploy).await.expect("a plain worker");
        }
        let set = async |name: &str, new: NewTriggers| {
            let set = plane.control.set_triggers(&plane.caller, "triggers.set", name, &new, None).await;
            set.as_ref().err().into_iter().for_each(assert_refused);
            set.ok().map(|(worker, _)| worker)
        };
        let routes = |routes| NewTriggers { routes: Some(routes), ..NewTriggers::default() };
        let worker = set("app", routes(of('r'))).await;
        set("app", NewTriggers { domains: Some(of('d')), ..NewTriggers::default() }).await;
        set("app", NewTriggers { crons: Some(of('c')), ..NewTriggers::default() }).await;
        // Each route is one worker's alone.
        for route in worker.into_iter().flat_map(|worker| worker.routes) {
            let pattern = route.pattern;
            assert!(set("other", routes(vec![pattern.clone()])).await.is_none(), "{pattern} belongs to two workers");
        }
        let mut all = Vec::new();
        for worker in served(&plane).await {
            for pattern in worker.routes {
                let route: Route = pattern.parse().expect("an edge takes what the control plane takes");
                assert!(!all.contains(&route), "{pattern} means the same as another");
                all.push(route);
            }
        }
        let given_up = set("app", routes(Vec::new())).await.expect("it gives its routes up");
        assert!(given_up.routes.is_empty());
    });
}

/// A request: `METHOD PATH`, then headers, an empty line, and the body. ACCOUNT and TOKEN in the head are those of an administrator.
pub fn api_request(data: &[u8]) {
    let (head, body) = match data.windows(2).position(|pair| pair == b"\n\n") {
        Some(end) => (&data[..end], &data[end + 2..]),
        None => (data, &b""[..]),
    };
    wait(async {
        let plane = Plane::new().await;
        let head = String::from_utf8_lossy(head).replace("ACCOUNT", &plane.account).replace("TOKEN", &plane.token);
        let Some(request) = request_of(&head, body) else { return };
        plane.control.upload(&plane.caller, "app", plain(), Publish::Deploy).await.expect("a plain worker");
        let (status, answer) = Answering::new(plane.api()).answer(request).await;
        assert!(!status.is_server_error(), "{status}: {}", String::from_utf8_lossy(&answer));
        if status.is_client_error() {
            let value: Value = serde_json::from_slice(&answer).expect("JSON");
            assert!(value["errors"][0]["message"].as_str().is_some_and(|message| !message.is_empty()), "{value}");
        }
        served(&plane).await;
    });
}

fn request_of(head: &str, body: &[u8]) -> Option<Request<Bytes>> {
    let mut lines = head.lines();
    let (method, path) = lines.next()?.split_once(' ')?;
    let uri: Uri = path.parse().ok().filter(|uri: &Uri| uri.path().starts_with('/'))?;
    let mut request = Request::builder().method(Method::from_bytes(method.as_bytes()).ok()?).uri(uri);
    for line in lines {
        let (name, value) = line.split_once(':')?;
        request = request.header(name.parse::<HeaderName>().ok()?, HeaderValue::from_str(value.trim()).ok()?);
    }
    request.body(Bytes::copy_from_slice(body)).ok()
}

fn plain() -> NewVersion {
    version_of_json(br#"{"main_module":"a.js","modules":[{"name":"a.js","kind":"es_module","content_base64":"MQ=="}]}"#)
        .expect("a plain version")
}

/// What an edge makes of the feed, read as it reads it.
async fn served(plane: &Plane) -> Vec<DeployedWorker> {
    let snapshot = plane.control.live_snapshot().await.expect("there is a feed");
    let FeedMessage::Snapshot { workers, .. } = &snapshot else { panic!("it is a snapshot") };
    let line = serde_json::to_vec(&snapshot).expect("it is JSON");
    let read: FeedMessage = serde_json::from_slice(&line).expect("an edge can read it");
    let (_, there) = after_feed(vec![read]).expect("there is no gap").expect("it is new");
    let mut sent = workers.clone();
    sent.sort_by(|one, other| one.id.cmp(&other.id));
    assert_eq!(serde_json::to_string(&there).ok(), serde_json::to_string(&sent).ok(), "it is what was sent");
    there
}

fn assert_refused(error: &ControlError) {
    assert!(error.status.is_client_error() && !error.message.is_empty(), "{} {error}", error.status);
}
