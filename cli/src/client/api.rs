use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use http::Method;
use serde_json::Value;

use super::args::Shared;
use super::credentials::Credentials;
use super::failure::Failure;
use super::http::{Call, Http, Sending, Socket};

/// The control plane's `/v1`.
pub struct Api {
    pub base: String,
    /// Certificates of an authority that public ones do not know.
    pub ca: Option<PathBuf>,
    http: Http,
}

impl Api {
    pub fn of(shared: &Shared) -> Result<Self, Failure> {
        Self::with(&Credentials::of(shared)?)
    }

    pub fn with(credentials: &Credentials) -> Result<Self, Failure> {
        let http = Http::new(&credentials.api, &credentials.token, credentials.ca.as_deref())?;
        Ok(Self { base: credentials.api.clone(), ca: credentials.ca.clone(), http })
    }

    pub async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.call(Method::GET, path, Bytes::new(), None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.call(Method::POST, path, body.to_string().into(), None).await
    }

    /// The same for what is large: `sending` is told how much of how much is sent.
    pub async fn upload(
        &self,
        path: &str,
        body: &Value,
        sending: impl Fn(usize, usize) + Send + Sync + 'static,
    ) -> Result<Value, Failure> {
        let body: Bytes = body.to_string().into();
        let all = body.len();
        self.call(Method::POST, path, body, Some(Arc::new(move |sent| sending(sent, all)))).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.call(Method::PUT, path, body.to_string().into(), None).await
    }

    pub async fn delete(&self, path: &str) -> Result<Value, Failure> {
        self.call(Method::DELETE, path, Bytes::new(), None).await
    }

    /// All of a list that comes in pages.
    pub async fn list(&self, path: &str, list: &str) -> Result<Vec<Value>, Failure> {
        let mut all = Vec::new();
        let mut after = String::new();
        loop {
            let mut page = self.get(&format!("{path}?limit=100{after}")).await?;
            if let Value::Array(items) = page[list].take() {
                all.extend(items);
            }
            let Some(next) = page["next"].as_str() else { return Ok(all) };
            after = format!("&after={}", segment(next));
        }
    }

    pub async fn socket(&self, url: &str, protocol: &'static str) -> Result<Socket, Failure> {
        self.http.socket(url, protocol).await
    }

    async fn call(&self, method: Method, path: &str, body: Bytes, sending: Option<Sending>) -> Result<Value, Failure> {
        // Whatever changes something may be sent twice, and is done once.
        let key = (method != Method::GET).then(|| uuid::Uuid::new_v4().to_string());
        let call = Call { method, path: format!("/v1{path}"), body, key, sending };
        let (status, answer) = self.http.send(&call).await?;
        if status.is_success() && answer.is_empty() {
            return Ok(Value::Null);
        }
        let value: Value = serde_json::from_slice(&answer).unwrap_or_default();
        let error = &value["errors"][0];
        match (status.is_success(), error["code"].as_str(), error["message"].as_str()) {
            (true, ..) if !value.is_null() => Ok(value),
            (false, Some(code), Some(message)) => Err(Failure::refused(code, message)),
            _ => {
                let text = format!("{} answers {status}, and not as Skerry's API does: --api names another", self.base);
                Err(Failure::failed(text))
            }
        }
    }
}

/// A worker's path, or one below it. What people type is one part of a path, whatever is in it.
pub fn worker_path(name: &str, rest: &[&str]) -> String {
    let mut path = "/workers".to_owned();
    for part in [&[name], rest].concat() {
        path.push('/');
        path.push_str(&segment(part));
    }
    path
}

pub fn segment(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~');
    // A dot too: `..` would lead elsewhere.
    text.bytes().map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::worker_path;

    #[test]
    fn what_is_typed_stays_one_part_of_the_path() {
        assert_eq!(worker_path("app", &["secrets", "../a b"]), "/workers/app/secrets/%2E%2E%2Fa%20b");
    }
}
