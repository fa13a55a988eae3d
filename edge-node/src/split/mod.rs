//! Workers of which several versions are served at a time: which of them a request is for.
//!
//! A request says so itself (`Cloudflare-Workers-Version-Overrides`), or it has a key, by which it always finds the same version as long
//! as the shares stay: that of `Cloudflare-Workers-Version-Key`, or of a cookie that a first answer sets.
//! <https://developers.cloudflare.com/workers/configuration/versions-and-deployments/gradual-deployments/>

pub(crate) mod overrides;
pub(crate) mod shares;

use std::sync::Arc;

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::worker::Worker;
use overrides::override_for;
pub use shares::ShareError;
use shares::Shares;

const OVERRIDES_HEADER: HeaderName = HeaderName::from_static("cloudflare-workers-version-overrides");
pub(crate) const KEY_HEADER: HeaderName = HeaderName::from_static("cloudflare-workers-version-key");
const KEY_COOKIE: &str = "skerry_version_key";
const KEY_DIGITS: usize = 16;

/// What a route leads to.
#[derive(Clone)]
pub enum Target {
    /// All requests are this one's.
    Worker(Arc<Worker>),
    /// The same, where somebody looks at one version alone.
    Preview(Arc<Worker>),
    Split(Arc<Split>),
}

/// Versions of one worker, each with its part of the requests.
pub struct Split {
    /// By which requests name the worker in their overrides.
    name: String,
    shares: Shares,
    /// As the shares have them.
    versions: Vec<Version>,
}

struct Version {
    id: String,
    worker: Arc<Worker>,
}

/// The version for one request.
pub(crate) struct Picked {
    pub worker: Arc<Worker>,
    /// The client has none yet, and is to be given this one.
    pub new_key: Option<String>,
    /// The request names its version: what it does there is not held against the version. One with a key does not.
    pub is_chosen: bool,
}

/// Says by which key a client finds its version from now on.
pub(crate) fn set_key(headers: &mut HeaderMap, key: &str) {
    let cookie = format!("{KEY_COOKIE}={key}; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax");
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        headers.append(SET_COOKIE, cookie);
    }
}

impl Target {
    pub(crate) fn pick(self, headers: &HeaderMap) -> Picked {
        match self {
            Self::Worker(worker) => Picked { worker, new_key: None, is_chosen: false },
            Self::Preview(worker) => Picked { worker, new_key: None, is_chosen: true },
            Self::Split(split) => split.pick(headers),
        }
    }

    pub(crate) fn workers(&self) -> impl Iterator<Item = &Arc<Worker>> {
        let (only, several) = match self {
            Self::Worker(worker) | Self::Preview(worker) => (Some(worker), &[][..]),
            Self::Split(split) => (None, split.versions.as_slice()),
        };
        only.into_iter().chain(several.iter().map(|version| &version.worker))
    }
}

impl From<Arc<Worker>> for Target {
    fn from(worker: Arc<Worker>) -> Self {
        Self::Worker(worker)
    }
}

impl Split {
    /// `worker_id` stays the same over all deployments of the worker, `name` is what requests call it. Each version has its id and its
    /// percentage; one of 0 serves those who name it.
    pub fn new(worker_id: &str, name: &str, mut versions: Vec<(String, f64, Arc<Worker>)>) -> Result<Self, ShareError> {
        // The same in all deployments: a share that grows takes from the others, and gives nothing away.
        versions.sort_by(|(one, ..), (other, ..)| one.cmp(other));
        let shares = Shares::new(worker_id, versions.iter().map(|(_, share, _)| *share))?;
        let versions = versions.into_iter().map(|(id, _, worker)| Version { id, worker }).collect();
        Ok(Self { name: name.to_owned(), shares, versions })
    }

    fn pick(&self, headers: &HeaderMap) -> Picked {
        let named = self.named(headers);
        let (place, new_key) = self.shares.pick(|| named, || key_of(headers));
        Picked { worker: self.versions[place].worker.clone(), new_key, is_chosen: named.is_some() }
    }

    /// The place of the version that the request names, if there is such a one.
    fn named(&self, headers: &HeaderMap) -> Option<usize> {
        let id = override_for(headers.get_all(OVERRIDES_HEADER), &self.name)?;
        self.versions.iter().position(|version| version.id.eq_ignore_ascii_case(&id))
    }
}

pub(crate) fn key_of(headers: &HeaderMap) -> Option<&[u8]> {
    let header = headers.get(KEY_HEADER).map(HeaderValue::as_bytes).filter(|key| !key.is_empty());
    header.or_else(|| headers.get_all(COOKIE).iter().find_map(key_in_cookies))
}

fn key_in_cookies(cookies: &HeaderValue) -> Option<&[u8]> {
    let mut pairs = cookies.as_bytes().split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
    pairs.find_map(|pair| {
        let key = pair.strip_prefix(KEY_COOKIE.as_bytes())?.strip_prefix(b"=")?;
        // One that is not ours is replaced.
        let is_ours = key.len() == KEY_DIGITS && key.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        is_ours.then_some(key)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn the_key_is_the_headers_or_else_the_cookies() {
        let ours = "a=b; skerry_version_key=0123456789abcdef;c";
        let cases: [(&[_], Option<&[u8]>); 7] = [
            (&[(KEY_HEADER, "tenant 7"), (COOKIE, ours)], Some(b"tenant 7")),
            (&[(KEY_HEADER, ""), (COOKIE, ours)], Some(b"0123456789abcdef")),
            (&[(COOKIE, "skerry_version_key=0123456789ABCDEF")], None),
            (&[(COOKIE, "skerry_version_key=0123456789abcdef0")], None),
            (&[(COOKIE, "xskerry_version_key=0123456789abcdef")], None),
            (&[(COOKIE, "skerry_version_key; ;=;")], None),
            (&[], None),
        ];
        for (pairs, expected) in cases {
            assert_eq!(key_of(&headers(pairs)), expected, "{pairs:?}");
        }
    }

    #[test]
    fn the_cookie_that_is_set_is_understood() {
        let mut answer = headers(&[(SET_COOKIE, "theirs=1")]);
        let key = crate::ids::unique();
        set_key(&mut answer, &key);
        let set = answer.get_all(SET_COOKIE).iter().find_map(key_in_cookies);
        assert_eq!((set, answer.len()), (Some(key.as_bytes()), 2));
    }
}
