use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use super::{Trust, UplinkError};

/// The largest module is smaller.
const ANSWER_BYTES_MAX: usize = 80 << 20;
const ERROR_BYTES_MAX: usize = 64 << 10;
/// Until the head of an answer is there.
const ANSWER_TIME: Duration = Duration::from_secs(15);
const BODY_TIME: Duration = Duration::from_secs(120);

/// HTTP towards the control plane, whose address the operator has given: any network is allowed.
#[derive(Clone)]
pub(super) struct Client {
    base: String,
    http: hyper_util::client::legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl Client {
    pub fn new(address: &str, trust: &Trust) -> Result<Self, UplinkError> {
        let wrong = || UplinkError::Address(address.to_owned());
        let uri: Uri = address.parse().map_err(|_| wrong())?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.host().is_none() || uri.query().is_some() {
            return Err(wrong());
        }
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(trust.client()).https_or_http().enable_all_versions().build();
        // Without TLS there is nothing to agree on a version: ours speaks HTTP/2 at once.
        let http = hyper_util::client::legacy::Client::builder(TokioExecutor::new())
            .http2_only(uri.scheme_str() == Some("http"))
            .http2_keep_alive_interval(Duration::from_secs(10))
            .http2_keep_alive_timeout(Duration::from_secs(10))
            .timer(hyper_util::rt::TokioTimer::new())
            .build(connector);
        Ok(Self { base: address.trim_end_matches('/').to_owned(), http })
    }

    /// The body comes piece by piece.
    pub async fn open(&self, path: &str, signed: &str) -> Result<Incoming, UplinkError> {
        Ok(self.send(Request::get(self.uri(path)).header(AUTHORIZATION, signed), Bytes::new()).await?.into_body())
    }

    pub async fn get_whole(&self, path: &str, signed: &str) -> Result<Bytes, UplinkError> {
        let response = self.send(Request::get(self.uri(path)).header(AUTHORIZATION, signed), Bytes::new()).await?;
        whole(response).await
    }

    pub async fn post(&self, path: &str, signed: Option<&str>, body: Bytes) -> Result<Bytes, UplinkError> {
        let mut request = Request::post(self.uri(path)).header(CONTENT_TYPE, "application/json");
        if let Some(signed) = signed {
            request = request.header(AUTHORIZATION, signed);
        }
        whole(self.send(request, body).await?).await
    }

    fn uri(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    async fn send(&self, request: http::request::Builder, body: Bytes) -> Result<Response<Incoming>, UplinkError> {
        let request = request.body(Full::new(body)).map_err(|error| UplinkError::Address(error.to_string()))?;
        let answered = tokio::time::timeout(ANSWER_TIME, self.http.request(request)).await.map_err(|_| UplinkError::Silent)?;
        let response = answered.map_err(|error| UplinkError::Unreachable(causes(&error)))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let body = Limited::new(response.into_body(), ERROR_BYTES_MAX)
            .collect()
            .await
            .map(http_body_util::Collected::to_bytes)
            .unwrap_or_default();
        let told: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
        let message = told["errors"][0]["message"].as_str().map_or_else(|| status.to_string(), ToOwned::to_owned);
        Err(if status == StatusCode::NOT_FOUND { UplinkError::Missing(message) } else { UplinkError::Refused(message) })
    }
}

async fn whole(response: Response<Incoming>) -> Result<Bytes, UplinkError> {
    let read = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect();
    let read = tokio::time::timeout(BODY_TIME, read).await.map_err(|_| UplinkError::Silent)?;
    Ok(read.map_err(|error| UplinkError::Unreachable(error.to_string()))?.to_bytes())
}

fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    // An authority of the same name has another key.
    if text.contains("UnknownIssuer") || text.contains("BadSignature") {
        text.push_str(" (no authority that is known here has signed its certificate: name that one's with --control-ca FILE)");
    }
    text
}
