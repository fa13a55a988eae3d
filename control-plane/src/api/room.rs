//! Memory for uploads: each takes several times its size while it is checked, and whoever sends many must not take all there is.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Api;
use crate::control::Caller;
use crate::error::ControlError;

/// Requests with less need no room.
const SMALL: u64 = 256 << 10;
/// One that does not say how large it is counts as this.
const UNSAID: u64 = 16 << 20;
/// The body, its modules, and the copy that is tried out.
const TIMES: u64 = 3;
const KB: u64 = 1 << 10;
/// Of all uploads together, and of those of one account.
const ALL_KB: u32 = 1 << 20;
const ACCOUNT_KB: u32 = 600 << 10;
/// For a place.
const PATIENCE: Duration = Duration::from_secs(30);
/// For a large upload with all that is done with it.
const UPLOAD_TIME: Duration = Duration::from_secs(300);

pub struct Room {
    all: Arc<Semaphore>,
    accounts: Mutex<HashMap<String, Arc<Semaphore>>>,
}

impl Default for Room {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(ALL_KB as usize)), accounts: Mutex::default() }
    }
}

impl Room {
    async fn take(&self, account: &str, bytes: u64, patience: Duration) -> Option<[OwnedSemaphorePermit; 2]> {
        let own = {
            let mut accounts = self.accounts.lock();
            accounts.retain(|_, room| room.available_permits() < ACCOUNT_KB as usize || Arc::strong_count(room) > 1);
            accounts.entry(account.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(ACCOUNT_KB as usize))).clone()
        };
        let wanted = u32::try_from(bytes.saturating_mul(TIMES) / KB).unwrap_or(u32::MAX).min(ACCOUNT_KB);
        let taken = async {
            let own = own.acquire_many_owned(wanted).await.ok()?;
            Some([own, self.all.clone().acquire_many_owned(wanted).await.ok()?])
        };
        tokio::time::timeout(patience, taken).await.ok().flatten()
    }
}

/// Lets a large request in when there is room for it, and its account has not taken all of that.
pub async fn admitted(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let has_body = matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH);
    let bytes = if has_body { length.unwrap_or(UNSAID) } else { 0 };
    let is_bearer = request.headers().contains_key("authorization");
    if bytes <= SMALL || !is_bearer || request.uri().path().starts_with("/v1/edges/") {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let caller = match Caller::from_request_parts(&mut parts, &api).await {
        Ok(caller) => caller,
        Err(refused) => return refused.into_response(),
    };
    let busy = |text: &str| ControlError::new(StatusCode::SERVICE_UNAVAILABLE, 10013, text).into_response();
    let Some(_room) = api.room.take(&caller.account, bytes, PATIENCE).await else {
        return busy("Too many uploads are under way: try again in a while");
    };
    let answered = tokio::time::timeout(UPLOAD_TIME, next.run(Request::from_parts(parts, body))).await;
    answered.unwrap_or_else(|_| busy("The upload took longer than 5 minutes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_account_does_not_take_all_the_room() {
        let room = Room::default();
        let take = |account: &'static str, megabytes: u64| room.take(account, megabytes << 20, Duration::from_millis(20));
        let first = take("a", 190).await;
        assert!(first.is_some() && take("a", 190).await.is_none(), "it has to wait for its own");
        let other = take("b", 100).await;
        assert!(other.is_some() && take("b", 1).await.is_some());
        drop(first);
        assert!(take("a", 190).await.is_some());
        assert!(room.accounts.lock().len() <= 2);
    }
}
