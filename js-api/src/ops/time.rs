use std::rc::Rc;
use std::time::Duration;

use deno_core::{OpState, op2};

use crate::clock::Clock;

/// Seconds and nanoseconds, as deno_web's `15_performance.js` reads them.
fn expose(time: Duration, out: &mut [u8]) {
    if let Some(out) = out.first_chunk_mut::<8>() {
        out[..4].copy_from_slice(&(time.as_secs() as u32).to_ne_bytes());
        out[4..].copy_from_slice(&time.subsec_nanos().to_ne_bytes());
    }
}

/// `performance.now()`: as on Workers, the time origin is the Unix epoch.
#[op2(fast)]
pub fn op_frozen_now(state: &mut OpState, #[buffer] out: &mut [u8]) {
    expose(state.borrow::<Rc<Clock>>().now(), out);
}

/// `performance.timeOrigin`.
#[op2(fast)]
pub fn op_frozen_time_origin(_state: &mut OpState, #[buffer] out: &mut [u8]) {
    expose(Duration::ZERO, out);
}
