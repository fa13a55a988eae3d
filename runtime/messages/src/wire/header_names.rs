use http::HeaderName;

/// The names of headers that have a number, which is their place from 1 on: to read one takes no allocation, and no look at its characters.
macro_rules! names {
    ($($name:literal),+ $(,)?) => {
        const TEXTS: &[&str] = &[$($name),+];
        static NAMES: [HeaderName; TEXTS.len()] = [$(HeaderName::from_static($name)),+];
    };
}

names![
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "accept-ranges",
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "access-control-max-age",
    "access-control-request-headers",
    "access-control-request-method",
    "age",
    "allow",
    "alt-svc",
    "authorization",
    "cache-control",
    "cdn-cache-control",
    "cf-cache-status",
    "cf-connecting-ip",
    "cf-ipcountry",
    "cf-ray",
    "cf-visitor",
    "clear-site-data",
    "connection",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-length",
    "content-location",
    "content-range",
    "content-security-policy",
    "content-type",
    "cookie",
    "cross-origin-embedder-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "date",
    "dnt",
    "early-data",
    "etag",
    "expect",
    "expires",
    "forwarded",
    "from",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "last-modified",
    "link",
    "location",
    "max-forwards",
    "nel",
    "origin",
    "permissions-policy",
    "pragma",
    "priority",
    "proxy-authenticate",
    "proxy-authorization",
    "range",
    "referer",
    "referrer-policy",
    "report-to",
    "retry-after",
    "sec-ch-ua",
    "sec-ch-ua-mobile",
    "sec-ch-ua-platform",
    "sec-fetch-dest",
    "sec-fetch-mode",
    "sec-fetch-site",
    "sec-fetch-user",
    "sec-gpc",
    "sec-websocket-accept",
    "sec-websocket-extensions",
    "sec-websocket-key",
    "sec-websocket-protocol",
    "sec-websocket-version",
    "server",
    "server-timing",
    "set-cookie",
    "strict-transport-security",
    "te",
    "timing-allow-origin",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "true-client-ip",
    "upgrade",
    "upgrade-insecure-requests",
    "user-agent",
    "vary",
    "via",
    "warning",
    "www-authenticate",
    "x-content-type-options",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-frame-options",
    "x-powered-by",
    "x-real-ip",
    "x-request-id",
    "x-requested-with",
    "x-robots-tag",
    "x-xss-protection",
];

/// The number of a name; 0 where it has none.
pub(super) fn id_of(name: &HeaderName) -> u8 {
    let name = name.as_str();
    let mut slot = first_slot(name.as_bytes());
    // Most slots are empty.
    loop {
        let id = SLOTS[slot];
        if id == 0 || TEXTS[usize::from(id) - 1] == name {
            return id;
        }
        slot = (slot + 1) % SLOTS.len();
    }
}

pub(super) fn name_of(id: u8) -> Option<HeaderName> {
    NAMES.get(usize::from(id).checked_sub(1)?).cloned()
}

/// The numbers of names, each in its [`first_slot`] or in the next that was free.
static SLOTS: [u8; 256] = {
    assert!(TEXTS.len() <= 128, "half of the slots are empty");
    let mut slots = [0; 256];
    let mut index = 0;
    while index < TEXTS.len() {
        let mut slot = first_slot(TEXTS[index].as_bytes());
        while slots[slot] != 0 {
            slot = (slot + 1) % slots.len();
        }
        index += 1;
        slots[slot] = index as u8;
    }
    slots
};

/// The factors are such that a name is found at the first look, or soon after.
const fn first_slot(name: &[u8]) -> usize {
    let length = name.len();
    if length == 0 {
        return 0;
    }
    let (first, middle, last) = (name[0] as usize, name[length / 2] as usize, name[length - 1] as usize);
    (length * 7 + first * 79 + middle * 49 + last * 41) % 256
}
