//! What reads bytes of strangers, each as a function that takes any bytes and panics where a promise is broken.
//!
//! Owns: the targets and their seeds. `tests/mutations.rs` runs each on its seeds and some thousands of mutations of them; `libfuzzer/` is
//! the same for `cargo fuzz`, which goes on for as long as one likes. Refuses: anything that the products could need.

#![forbid(unsafe_code)]
#![expect(clippy::missing_panics_doc, reason = "to panic is how a target says what it has found")]

mod api;
mod cells;
mod deployed;
mod plane;
mod requests;
mod texts;

pub use api::{api_request, triggers, upload_form, upload_json};
pub use cells::{cell_frame_from, cell_frame_to};
pub use deployed::{deployed_json, feed, feed_line, rows, shares};
pub use requests::{form_data, plain_url, version_key, version_override};
pub use texts::{dev_vars, enrolment_token, names, node_configuration, route, wrangler_configuration};

/// Something that reads bytes of strangers.
pub struct Target {
    pub name: &'static str,
    pub run: fn(&[u8]),
    /// How many mutations the tests try: as many as take a second or two.
    pub mutations: u32,
}

pub const TARGETS: &[Target] = &[
    Target { name: "api_request", run: api_request, mutations: 2_000 },
    Target { name: "cell_frame_from", run: cell_frame_from, mutations: 600_000 },
    Target { name: "cell_frame_to", run: cell_frame_to, mutations: 600_000 },
    Target { name: "deployed_json", run: deployed_json, mutations: 20_000 },
    Target { name: "dev_vars", run: dev_vars, mutations: 120_000 },
    Target { name: "enrolment_token", run: enrolment_token, mutations: 120_000 },
    Target { name: "feed", run: feed, mutations: 80_000 },
    Target { name: "feed_line", run: feed_line, mutations: 20_000 },
    Target { name: "form_data", run: form_data, mutations: 120_000 },
    Target { name: "names", run: names, mutations: 120_000 },
    Target { name: "node_configuration", run: node_configuration, mutations: 20_000 },
    Target { name: "plain_url", run: plain_url, mutations: 120_000 },
    Target { name: "route", run: route, mutations: 120_000 },
    Target { name: "rows", run: rows, mutations: 40_000 },
    Target { name: "shares", run: shares, mutations: 120_000 },
    Target { name: "triggers", run: triggers, mutations: 4_000 },
    Target { name: "upload_form", run: upload_form, mutations: 8_000 },
    Target { name: "upload_json", run: upload_json, mutations: 8_000 },
    Target { name: "version_key", run: version_key, mutations: 120_000 },
    Target { name: "version_override", run: version_override, mutations: 120_000 },
    Target { name: "wrangler_configuration", run: wrangler_configuration, mutations: 20_000 },
];
