//! Things that only a cell does that has been taken over, for tests to have them done: a line that a worker logs says which. Only in cells
//! whose front was started with `SKERRY_TEST_FAULTS` in its environment.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use skerry_messages::{FromIsolate, wire};

use super::writer::Writer;
use crate::channel::{FRAME_BYTES_MAX, Kind};

/// Before the name of the fault.
const FAULT: &str = "skerry-test fault: ";

pub(super) fn commit(line: &str, isolate: u32, writer: &Arc<Writer>) {
    let Some(fault) = line.strip_prefix(FAULT) else { return };
    let raw = |bytes: &[u8]| {
        writer.raw(bytes);
        writer.flush();
    };
    let chunk = |isolate: u32, stream: u32, bytes: usize| {
        let message = FromIsolate::OutboundChunk { stream, bytes: Bytes::from(vec![0; bytes]) };
        writer.frame(Kind::Message, isolate, FRAME_BYTES_MAX, |out| wire::write_from_isolate(&message, out));
    };
    match fault {
        "segv" => {
            // SAFETY: none: that is what it is for.
            unsafe { std::ptr::null_mut::<u8>().wrapping_add(8).write_volatile(1) }
        }
        "overflow" => drop(std::hint::black_box(overflow(0))),
        "exit" => std::process::exit(0),
        "garbage" => raw(&[0xff; 4096]),
        "half" => {
            raw(&[100, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1]);
            std::process::exit(0);
        }
        "nonsense" => {
            writer.frame(Kind::Message, isolate, FRAME_BYTES_MAX, |out| out.extend_from_slice(&[250, 1, 2, 3]));
            writer.flush();
        }
        "other-isolate" => {
            chunk(isolate.wrapping_add(1_000_000), 1, 10);
            writer.flush();
        }
        "no-credit" => {
            for _ in 0..64 {
                chunk(isolate, 1, 64 << 10);
            }
            writer.flush();
        }
        "future-event" => {
            let outcome = skerry_messages::Outcome::default();
            let message = FromIsolate::Done { event: u32::MAX, outcome };
            writer.frame(Kind::Message, isolate, FRAME_BYTES_MAX, |out| wire::write_from_isolate(&message, out));
            writer.flush();
        }
        "flood" => loop {
            // Of messages that mean nothing, and are none that end it.
            for _ in 0..1_000 {
                let message = FromIsolate::InboundStop { stream: 1 };
                writer.frame(Kind::Message, isolate, FRAME_BYTES_MAX, |out| wire::write_from_isolate(&message, out));
            }
            writer.flush();
            writer.wait_for_room();
        },
        "claim" => {
            let an_hour = Duration::from_secs(3_600);
            let outcome = skerry_messages::Outcome { cpu: an_hour, wall: an_hour, has_timers: false };
            let message = FromIsolate::Done { event: 1, outcome };
            writer.frame(Kind::Message, isolate, FRAME_BYTES_MAX, |out| wire::write_from_isolate(&message, out));
            writer.flush();
        }
        // Threads that nothing in it knows of: a few that compute, and many that rest.
        "spin" => start_threads(2, || {
            loop {
                std::hint::spin_loop();
            }
        }),
        "threads" => start_threads(300, || std::thread::sleep(Duration::from_secs(3_600))),
        // Its cell goes on: only of this isolate nothing is heard any more.
        "mute" => std::thread::sleep(Duration::from_secs(3_600)),
        "hang" => {
            // Nothing is read, answered or said any more.
            writer.seize();
            std::thread::sleep(Duration::from_secs(3_600));
        }
        _ => {}
    }
}

fn start_threads(count: usize, run: impl Fn() + Clone + Send + 'static) {
    for _ in 0..count {
        let _started = std::thread::Builder::new().stack_size(64 << 10).spawn(run.clone());
    }
}

/// Uses up the thread's stack.
#[expect(unconditional_recursion, reason = "that is what it is for")]
fn overflow(depth: u64) -> u64 {
    let page = std::hint::black_box([depth; 512]);
    overflow(depth + 1) + page[511]
}
