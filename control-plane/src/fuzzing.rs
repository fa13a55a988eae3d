//! Doors for `tests/fuzz` to what reads bytes of strangers. Nothing else may use them.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, FromRequest, Multipart, Request};
use axum::http::header::CONTENT_TYPE;
use axum::{Router, http};
use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tower_service::Service;

use crate::api::{Api, VersionBody, json_of, read_form};
use crate::control::{LiveRow, NewVersion, check_shares};
use crate::error::ControlError;
use crate::rows::{AccountRow, AuditRow, ClaimRow, DeploymentRow, NamespaceRow, Share, TokenRow, VersionRow, WorkerRow};

pub use crate::names::{check_binding, check_worker, module, route};

const ANSWER_BYTES_MAX: usize = 64 << 20;

/// The form that wrangler uploads.
pub async fn version_of_form(content_type: &str, body: Bytes) -> Result<NewVersion, ControlError> {
    let request = Request::builder().header(CONTENT_TYPE, content_type).body(Body::from(body));
    let request = request.map_err(|error| ControlError::invalid(error.to_string()))?;
    let form = Multipart::from_request(request, &()).await.map_err(|error| ControlError::invalid(error.body_text()))?;
    let (new, settings) = read_form(form).await?;
    Ok(NewVersion { settings, ..new })
}

/// The upload of our own API.
pub fn version_of_json(body: &[u8]) -> Result<NewVersion, ControlError> {
    json_of::<VersionBody>(body)?.into_version()
}

/// Whether these percentages may be deployed.
pub fn are_shares(shares: &[f64]) -> bool {
    let share = |(index, percentage): (usize, &f64)| Share { version_id: index.to_string(), percentage: *percentage };
    check_shares(&shares.iter().enumerate().map(share).collect::<Vec<_>>()).is_ok()
}

/// A row of the store as it is written again, by each kind that it can be read as.
pub fn rows(value: &[u8]) -> Vec<Vec<u8>> {
    let kinds = [
        again::<AccountRow>,
        again::<AuditRow>,
        again::<ClaimRow>,
        again::<DeploymentRow>,
        again::<LiveRow>,
        again::<NamespaceRow>,
        again::<TokenRow>,
        again::<VersionRow>,
        again::<WorkerRow>,
    ];
    kinds.iter().filter_map(|again| again(value)).collect()
}

fn again<Row: DeserializeOwned + Serialize>(value: &[u8]) -> Option<Vec<u8>> {
    serde_json::to_vec(&serde_json::from_slice::<Row>(value).ok()?).ok()
}

/// The whole API without a network.
pub struct Answering(Router);

impl Answering {
    pub fn new(api: Arc<Api>) -> Self {
        Self(api.router())
    }

    pub async fn answer(&mut self, request: http::Request<Bytes>) -> (http::StatusCode, Bytes) {
        let mut request = request.map(Body::from);
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 1))));
        let Ok(response) = self.0.call(request).await;
        let (head, body) = response.into_parts();
        (head.status, to_bytes(body, ANSWER_BYTES_MAX).await.unwrap_or_default())
    }
}
