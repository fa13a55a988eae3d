use bytes::Bytes;
use http::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_LOCATION, CONTENT_TYPE, COOKIE, LOCATION,
    PROXY_AUTHORIZATION,
};
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use http_body_util::BodyExt;
use skerry_runtime::messages::{FetchError, FetchErrorKind, RedirectMode};

use super::{full, parse_url};
use crate::body::AnyBody;
use crate::exchange::IsolateBody;

/// Redirects that are followed (Fetch standard, "HTTP-redirect fetch").
const REDIRECTS_MAX: usize = 20;

/// A request on its way out.
pub(crate) struct Outgoing {
    pub method: Method,
    pub url: Uri,
    pub headers: HeaderMap,
    pub body: OutgoingBody,
}

pub(crate) enum OutgoingBody {
    /// Can be sent again when a redirect asks for it.
    Replayable(Bytes),
    Once(AnyBody),
    Spent,
}

impl OutgoingBody {
    pub fn of(body: IsolateBody) -> Self {
        match body {
            IsolateBody::Empty => Self::Replayable(Bytes::new()),
            IsolateBody::Full(bytes) => Self::Replayable(bytes),
            IsolateBody::Stream(stream) => Self::Once(stream.boxed_unsync()),
            IsolateBody::Passthrough(source) => Self::Once(source.decoded()),
        }
    }

    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Replayable(bytes) if bytes.is_empty())
    }

    fn take(&mut self) -> Option<AnyBody> {
        match self {
            Self::Replayable(bytes) => Some(full(bytes.clone())),
            Self::Once(_) => match std::mem::replace(self, Self::Spent) {
                Self::Once(body) => Some(body),
                _ => None,
            },
            Self::Spent => None,
        }
    }
}

/// An answer that may lead elsewhere.
pub(crate) trait Redirecting {
    fn status(&self) -> StatusCode;
    fn headers(&self) -> &HeaderMap;
}

impl<B> Redirecting for Response<B> {
    fn status(&self) -> StatusCode {
        self.status()
    }

    fn headers(&self) -> &HeaderMap {
        self.headers()
    }
}

/// Where redirects have led, as far as the mode allows.
pub(crate) struct Redirects {
    mode: RedirectMode,
    /// The URLs.
    pub followed: Vec<String>,
}

impl Redirects {
    pub fn new(mode: RedirectMode) -> Self {
        Self { mode, followed: Vec::new() }
    }

    /// Whether the request is to be sent again, changed as the answer says.
    pub fn lead_on(&mut self, outgoing: &mut Outgoing, response: &impl Redirecting) -> Result<bool, FetchError> {
        let Some(location) = redirect_target(response, &outgoing.url) else { return Ok(false) };
        match self.mode {
            RedirectMode::Manual => return Ok(false),
            RedirectMode::Error => return Err(refused("the server redirects, which redirect: \"error\" forbids")),
            RedirectMode::Follow if self.followed.len() >= REDIRECTS_MAX => {
                return Err(refused(&format!("more than {REDIRECTS_MAX} redirects")));
            }
            RedirectMode::Follow => {}
        }
        let location = location?;
        self.followed.push(location.to_string());
        rewrite(outgoing, response.status(), location);
        Ok(true)
    }
}

impl Outgoing {
    pub fn take_body(&mut self) -> Result<AnyBody, FetchError> {
        let spent = || refused("the server redirects a request whose body is a stream, which cannot be sent again");
        self.body.take().ok_or_else(spent)
    }

    pub fn request(&mut self) -> Result<Request<AnyBody>, FetchError> {
        let mut request = Request::new(self.take_body()?);
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.url.clone();
        *request.headers_mut() = self.headers.clone();
        Ok(request)
    }
}

fn redirect_target(response: &impl Redirecting, base: &Uri) -> Option<Result<Uri, FetchError>> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = response.headers().get(LOCATION)?;
    Some(resolve(base, location.to_str().unwrap_or_default()))
}

fn resolve(base: &Uri, location: &str) -> Result<Uri, FetchError> {
    let base = url::Url::parse(&base.to_string()).map_err(|error| refused(&error.to_string()))?;
    let target =
        base.join(location).map_err(|_| refused(&format!("the server redirects to \"{location}\", which is not a URL")))?;
    parse_url(target.as_str())
}

/// Fetch standard, "HTTP-redirect fetch", steps 12 to 16.
fn rewrite(outgoing: &mut Outgoing, status: StatusCode, location: Uri) {
    let to_get = match status.as_u16() {
        301 | 302 => outgoing.method == Method::POST,
        303 => outgoing.method != Method::GET && outgoing.method != Method::HEAD,
        _ => false,
    };
    if to_get {
        outgoing.method = Method::GET;
        outgoing.body = OutgoingBody::Replayable(Bytes::new());
        for name in [CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LOCATION, CONTENT_TYPE, CONTENT_LENGTH] {
            outgoing.headers.remove(name);
        }
    }
    let same_origin = outgoing.url.scheme() == location.scheme() && outgoing.url.authority() == location.authority();
    if !same_origin {
        for name in [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION] {
            outgoing.headers.remove(name);
        }
    }
    outgoing.url = location;
}

fn refused(reason: &str) -> FetchError {
    FetchError { kind: FetchErrorKind::Redirect, message: format!("Redirect not followed: {reason}") }
}
