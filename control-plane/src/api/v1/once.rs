//! Requests that are sent twice and done once: a client that got no answer asks again with the same `Idempotency-Key`.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use tokio::sync::watch;

use crate::api::Api;
use crate::control::Caller;
use crate::error::ControlError;

const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
const ANSWERS_MAX: usize = 10_000;
/// Of all answers together.
const KEPT_BYTES_MAX: usize = 64 << 20;
const KEY_BYTES_MAX: usize = 256;
/// Of an answer: those to what changes something are short.
const ANSWER_BYTES_MAX: usize = 4 << 20;

/// By the token's id and the key that came with it.
type Name = (String, String);

/// Answers of this process: they do not outlive it.
#[derive(Default)]
pub struct Remembered(Mutex<HashMap<Name, Entry>>);

struct Entry {
    began: Instant,
    /// What was asked, as a digest.
    asked: [u8; 32],
    answer: watch::Receiver<Option<Kept>>,
}

impl Entry {
    /// Of its answer.
    fn bytes(&self) -> usize {
        self.answer.borrow().as_ref().map_or(0, |kept| kept.body.len())
    }

    /// Whether it was given up: what failed may be tried again.
    fn is_void(&self) -> bool {
        self.began.elapsed() >= KEPT || (self.answer.has_changed().is_err() && self.answer.borrow().is_none())
    }
}

/// An answer as it was given.
#[derive(Debug, Clone)]
struct Kept {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

#[derive(Debug)]
enum Begun {
    /// To be done here, and the answer told.
    Here(watch::Sender<Option<Kept>>),
    /// It is done already, or being done.
    Elsewhere(watch::Receiver<Option<Kept>>),
}

impl Remembered {
    fn begin(&self, name: &Name, asked: [u8; 32]) -> Result<Begun, ControlError> {
        let mut all = self.0.lock();
        if let Some(entry) = all.get(name).filter(|entry| !entry.is_void()) {
            if entry.asked != asked {
                let text = "This Idempotency-Key was used for another request: choose a new key for each";
                return Err(ControlError::new(StatusCode::UNPROCESSABLE_ENTITY, 10021, text));
            }
            return Ok(Begun::Elsewhere(entry.answer.clone()));
        }
        make_room(&mut all);
        let (tell, answer) = watch::channel(None);
        all.insert(name.clone(), Entry { began: Instant::now(), asked, answer });
        Ok(Begun::Here(tell))
    }
}

/// For one more, by forgetting the oldest answers.
fn make_room(all: &mut HashMap<Name, Entry>) {
    let mut bytes: usize = all.values().map(Entry::bytes).sum();
    if all.len() < ANSWERS_MAX && bytes <= KEPT_BYTES_MAX {
        return;
    }
    all.retain(|_, entry| !entry.is_void());
    let answered = all.iter().filter(|(_, entry)| entry.answer.borrow().is_some());
    let mut oldest: Vec<_> = answered.map(|(name, entry)| (entry.began, name.clone())).collect();
    oldest.sort();
    bytes = all.values().map(Entry::bytes).sum();
    for (_, name) in oldest {
        if all.len() < ANSWERS_MAX && bytes <= KEPT_BYTES_MAX {
            return;
        }
        bytes -= all.remove(&name).map_or(0, |entry| entry.bytes());
    }
}

/// Does what a request asks for, unless it was done for the same key before.
pub async fn once(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    let is_asked_for = request.method() != Method::GET && request.headers().contains_key("idempotency-key");
    if !is_asked_for {
        return next.run(request).await;
    }
    answered(&api, request, next).await.unwrap_or_else(IntoResponse::into_response)
}

async fn answered(api: &Arc<Api>, request: Request, next: Next) -> Result<Response, ControlError> {
    let (mut parts, body) = request.into_parts();
    let caller = Caller::from_request_parts(&mut parts, api).await?;
    let key = parts.headers.get("idempotency-key").and_then(|key| key.to_str().ok());
    let key = key.filter(|key| !key.is_empty() && key.len() <= KEY_BYTES_MAX);
    let key =
        key.ok_or_else(|| ControlError::invalid(format!("An Idempotency-Key has 1 to {KEY_BYTES_MAX} characters of ASCII")))?;
    let name = (caller.token, key.to_owned());
    let body = match Bytes::from_request(Request::from_parts(parts.clone(), body), api).await {
        Ok(body) => body,
        Err(refused) => return Ok(refused.into_response()),
    };
    let digest = Sha256::new().chain_update(format!("{} {}\0", parts.method, parts.uri)).chain_update(&body).finalize().into();
    loop {
        match api.remembered.begin(&name, digest)? {
            Begun::Elsewhere(mut answer) => {
                // If nothing came of it, it is done here.
                if let Ok(kept) = answer.wait_for(Option::is_some).await
                    && let Some(Kept { status, headers, body }) = kept.clone()
                {
                    return Ok((status, headers, body).into_response());
                }
            }
            Begun::Here(tell) => {
                let request = Request::from_parts(parts, Body::from(body));
                // A client that hangs up must not stop it half-way: it will ask again for what came of it.
                let task = tokio::spawn(async move {
                    let response = next.run(request).await;
                    keep(response, &tell).await
                });
                return task.await.map_err(|error| ControlError::internal(&error))?;
            }
        }
    }
}

/// Remembers what went well.
async fn keep(response: Response, tell: &watch::Sender<Option<Kept>>) -> Result<Response, ControlError> {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, ANSWER_BYTES_MAX).await.map_err(|error| ControlError::internal(&error))?;
    if parts.status.is_success() {
        tell.send_replace(Some(Kept { status: parts.status, headers: parts.headers.clone(), body: body.clone() }));
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(all: &Remembered, key: &str) -> Result<watch::Sender<Option<Kept>>, Box<dyn std::error::Error>> {
        match all.begin(&("token".to_owned(), key.to_owned()), [1; 32])? {
            Begun::Here(tell) => Ok(tell),
            Begun::Elsewhere(_) => Err("it was begun before".into()),
        }
    }

    #[test]
    fn an_answer_is_given_again_for_the_same_request_alone() -> Result<(), Box<dyn std::error::Error>> {
        let all = Remembered::default();
        let name = ("token".to_owned(), "key".to_owned());
        let tell = begun(&all, "key")?;
        assert!(matches!(all.begin(&name, [1; 32]), Ok(Begun::Elsewhere(_))), "under way");
        assert!(all.begin(&name, [2; 32]).is_err_and(|error| error.status == StatusCode::UNPROCESSABLE_ENTITY));
        assert!(matches!(all.begin(&("other".to_owned(), "key".to_owned()), [1; 32]), Ok(Begun::Here(_))), "another token's");
        // What failed may be tried again.
        drop(tell);
        let tell = begun(&all, "key")?;
        tell.send_replace(Some(Kept {
            status: StatusCode::CREATED,
            headers: HeaderMap::new(),
            body: Bytes::from_static(b"made"),
        }));
        drop(tell);
        let again = all.begin(&name, [1; 32])?;
        assert!(matches!(again, Begun::Elsewhere(answer) if answer.borrow().as_ref().is_some_and(|kept| kept.body == "made")));
        Ok(())
    }

    #[test]
    fn the_oldest_answers_make_room() -> Result<(), Box<dyn std::error::Error>> {
        let all = Remembered::default();
        let answer = Kept { status: StatusCode::OK, headers: HeaderMap::new(), body: Bytes::new() };
        let under_way: Vec<_> = (0..10).map(|number| begun(&all, &format!("slow{number}"))).collect::<Result<_, _>>()?;
        for number in 0..ANSWERS_MAX + 5 {
            begun(&all, &number.to_string())?.send_replace(Some(answer.clone()));
        }
        assert_eq!(all.0.lock().len(), ANSWERS_MAX);
        assert!(under_way.iter().all(|tell| !tell.is_closed()), "what is under way is not forgotten");
        assert!(begun(&all, &(ANSWERS_MAX + 4).to_string()).is_err());
        assert!(begun(&all, "0").is_ok());
        let large = Kept { body: Bytes::from(vec![0; 1 << 20]), ..answer };
        for number in 0..100 {
            begun(&all, &format!("large{number}"))?.send_replace(Some(large.clone()));
        }
        let bytes: usize = all.0.lock().values().map(Entry::bytes).sum();
        assert!((KEPT_BYTES_MAX..=KEPT_BYTES_MAX + (1 << 20)).contains(&bytes), "{bytes}");
        assert!(begun(&all, "large99").is_err() && begun(&all, "large0").is_ok());
        Ok(())
    }
}
