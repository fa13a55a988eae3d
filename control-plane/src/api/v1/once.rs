//! Requests that are sent twice and done once: a client that got no answer asks again with the same `Idempotency-Key`.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Json;
use axum::http::{HeaderMap, StatusCode, Uri};
use parking_lot::Mutex;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::api::Api;
use crate::control::Caller;
use crate::error::ControlError;

const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
const ANSWERS_MAX: usize = 10_000;
const KEY_BYTES_MAX: usize = 256;

/// By the token's id and the key that came with it.
type Name = (String, String);

/// Answers of this process: they do not outlive it.
#[derive(Default)]
pub struct Remembered(Mutex<HashMap<Name, Entry>>);

struct Entry {
    began: Instant,
    /// What was asked, as a digest.
    asked: [u8; 32],
    /// None while it is being done.
    answer: Option<Value>,
}

impl Remembered {
    /// Gives the answer, if it was given before; otherwise it is to be found out, and `end` called.
    fn begin(&self, name: &Name, asked: [u8; 32]) -> Result<Option<Value>, ControlError> {
        let mut all = self.0.lock();
        if all.len() >= ANSWERS_MAX {
            all.retain(|_, entry| entry.began.elapsed() < KEPT);
        }
        match all.get(name).filter(|entry| entry.began.elapsed() < KEPT) {
            Some(entry) if entry.asked != asked => {
                let text = "This Idempotency-Key was used for another request: choose a new key for each";
                return Err(ControlError::new(StatusCode::UNPROCESSABLE_ENTITY, 10021, text));
            }
            Some(Entry { answer: Some(answer), .. }) => return Ok(Some(answer.clone())),
            Some(_) => {
                return Err(ControlError::conflict("The first request with this Idempotency-Key is under way: wait for it"));
            }
            None => {}
        }
        if all.len() >= ANSWERS_MAX {
            let oldest = all.iter().filter(|(_, entry)| entry.answer.is_some()).min_by_key(|(_, entry)| entry.began);
            if let Some(oldest) = oldest.map(|(name, _)| name.clone()) {
                all.remove(&oldest);
            }
        }
        all.insert(name.clone(), Entry { began: Instant::now(), asked, answer: None });
        Ok(None)
    }

    /// What failed may be tried again.
    fn end(&self, name: &Name, answer: Option<Value>) {
        let mut all = self.0.lock();
        match (all.get_mut(name), answer) {
            (Some(entry), Some(answer)) => entry.answer = Some(answer),
            _ => drop(all.remove(name)),
        }
    }
}

/// Who asks, and what for.
pub struct Asked<'r> {
    pub caller: &'r Caller,
    pub headers: &'r HeaderMap,
    pub uri: &'r Uri,
    pub body: &'r [u8],
}

/// Does some work that makes something, unless it was done for the same key before.
pub async fn once(
    api: &Arc<Api>,
    asked: Asked<'_>,
    work: impl Future<Output = Result<Value, ControlError>> + Send + 'static,
) -> Result<(StatusCode, Json<Value>), ControlError> {
    let Some(key) = asked.headers.get("idempotency-key") else { return Ok((StatusCode::CREATED, Json(work.await?))) };
    let key = key.to_str().ok().filter(|key| !key.is_empty() && key.len() <= KEY_BYTES_MAX);
    let key =
        key.ok_or_else(|| ControlError::invalid(format!("An Idempotency-Key has 1 to {KEY_BYTES_MAX} characters of ASCII")))?;
    let name = (asked.caller.token.clone(), key.to_owned());
    let digest = Sha256::new().chain_update(asked.uri.to_string()).chain_update([0]).chain_update(asked.body).finalize().into();
    if let Some(answer) = api.remembered.begin(&name, digest)? {
        return Ok((StatusCode::CREATED, Json(answer)));
    }
    // A client that hangs up must not stop it half-way: it will ask again for what came of it.
    let task_api = api.clone();
    let task = tokio::spawn(async move {
        let ending = Ending { api: task_api, name, answer: None };
        ending.run(work).await
    });
    let answer = task.await.map_err(|error| ControlError::internal(&error))??;
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Tells what came of it, also when the work panics.
struct Ending {
    api: Arc<Api>,
    name: Name,
    answer: Option<Value>,
}

impl Ending {
    async fn run(mut self, work: impl Future<Output = Result<Value, ControlError>>) -> Result<Value, ControlError> {
        let answer = work.await?;
        self.answer = Some(answer.clone());
        Ok(answer)
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.api.remembered.end(&self.name, self.answer.take());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_is_given_again_for_the_same_request_alone() {
        let all = Remembered::default();
        let name = ("token".to_owned(), "key".to_owned());
        assert_eq!(all.begin(&name, [1; 32]), Ok(None));
        assert!(all.begin(&name, [1; 32]).is_err_and(|error| error.status == StatusCode::CONFLICT), "under way");
        all.end(&name, None);
        assert_eq!(all.begin(&name, [1; 32]), Ok(None), "what failed is tried again");
        all.end(&name, Some(json!(1)));
        assert_eq!(all.begin(&name, [1; 32]), Ok(Some(json!(1))));
        assert!(all.begin(&name, [2; 32]).is_err_and(|error| error.status == StatusCode::UNPROCESSABLE_ENTITY));
        let other = ("other".to_owned(), "key".to_owned());
        assert_eq!(all.begin(&other, [2; 32]), Ok(None), "keys of other tokens are others");
    }
}
