//! What is signed between edges and the control plane: Ed25519, each side with a key of its own.
//!
//! An edge signs its requests, so that nobody else gets secrets; the control plane signs each line of its feed for the request it answers,
//! so that nobody can put in, leave out, repeat or reorder any.

use crate::Digest;

/// Seconds by which the clocks of both may differ.
pub const CLOCK_SKEW_SECONDS: u64 = 60;

/// The header of a request: `Edge ID TIME NONCE SIGNATURE`.
pub const SCHEME: &str = "Edge";

/// `time` in milliseconds since 1970; the nonce is never used again.
pub fn request(method: &str, path_and_query: &str, time: u64, nonce: &str, body: &[u8]) -> String {
    format!("skerry request\n{method}\n{path_and_query}\n{time}\n{nonce}\n{}", Digest::of(body))
}

/// `nonce` is the request's; lines are counted from 0.
pub fn line(nonce: &str, index: u64, json: &str) -> String {
    format!("skerry feed\n{nonce}\n{index}\n{json}")
}

/// With the key in its token, the edge to be signs the key that it is to be known by: whoever listens on the way has neither.
pub fn enrolment(public_key: &str) -> String {
    format!("skerry enrolment\n{public_key}")
}
