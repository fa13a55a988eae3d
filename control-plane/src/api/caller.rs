use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use parking_lot::Mutex;

use super::Api;
use crate::control::Caller;
use crate::error::ControlError;

/// Wrong tokens that an address may send in a window of time, before it has to wait.
const FAILURES_MAX: u32 = 30;
const WINDOW: Duration = Duration::from_secs(60);
const ADDRESSES_MAX: usize = 10_000;

/// Whoever sends wrong tokens.
#[derive(Default)]
pub struct Failures(Mutex<HashMap<IpAddr, (Instant, u32)>>);

impl Failures {
    fn is_barred(&self, address: IpAddr) -> bool {
        self.0.lock().get(&address).is_some_and(|(since, count)| since.elapsed() < WINDOW && *count >= FAILURES_MAX)
    }

    fn note(&self, address: IpAddr) {
        let mut all = self.0.lock();
        if all.len() >= ADDRESSES_MAX {
            all.retain(|_, (since, _)| since.elapsed() < WINDOW);
        }
        let entry = all.entry(address).or_insert((Instant::now(), 0));
        if entry.0.elapsed() >= WINDOW {
            *entry = (Instant::now(), 0);
        }
        entry.1 += 1;
    }
}

impl FromRequestParts<Arc<Api>> for Caller {
    type Rejection = ControlError;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, ControlError> {
        let caller = match bearer(parts) {
            Some(token) => api.control.caller(token).await,
            None => Err(ControlError::unauthenticated("No API token: send the header Authorization: Bearer TOKEN")),
        };
        let address = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        // Whoever has a good token is let in: behind a proxy all have one address.
        if let (Err(error), Some(address)) = (&caller, address)
            && error.status == StatusCode::UNAUTHORIZED
        {
            if api.failures.is_barred(address) {
                return Err(ControlError::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    10001,
                    "Too many invalid API tokens: wait a minute",
                ));
            }
            api.failures.note(address);
        }
        caller
    }
}

fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim()).filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_guesses_has_to_wait() {
        let failures = Failures::default();
        let (guesser, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        for _ in 0..FAILURES_MAX {
            assert!(!failures.is_barred(guesser));
            failures.note(guesser);
        }
        assert!(failures.is_barred(guesser) && !failures.is_barred(other));
    }
}
