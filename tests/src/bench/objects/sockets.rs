//! Rooms whose WebSockets sleep.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use skerry_tests::server::PATIENCE;

use super::super::Effort;
use super::super::figures::{Detail, Sample, interleave_parts, milliseconds};
use super::super::goal::{Goal, Outcome};
use super::super::subject::{Subject, Subjects};
use super::{Disk, Folder, HOST, Server};

const SOCKETS: u32 = 5_000;
/// In the second part.
const ROOMS: u32 = 50;
/// Objects that have nothing but sleeping sockets leave memory after 10 s, on both; then memory comes back.
const ASLEEP: Duration = Duration::from_secs(25);
const KIB_MAX: f64 = 10.0;
const BROADCASTS: u32 = 10;
/// A round takes a minute.
const ROUNDS_MAX: u32 = 3;
const MESSAGE: &[u8] = b"to all of you";
const PARTS: usize = 4;

pub(crate) fn run(subjects: &Subjects, effort: Effort) -> Result<Vec<Outcome>> {
    let sockets = effort.workers.unwrap_or(SOCKETS);
    let both = [Subject::Ours, Subject::Peer];
    let parts = interleave_parts("websocket", effort.rounds.min(ROUNDS_MAX), &both, |subject| {
        let [asleep, told] = measure(subjects, subject, sockets, 1)?;
        let [asleep_rooms, told_rooms] = measure(subjects, subject, sockets, ROOMS.min(sockets))?;
        Ok([asleep, told, asleep_rooms, told_rooms].map(Some))
    })?;
    let of = |rooms: u32| format!("{sockets} sockets in {rooms} room(s), accepted with ctx.acceptWebSocket()");
    let asleep =
        |rooms| format!("{}: memory by which the server grew, for each (PSS), {ASLEEP:?} after the last message", of(rooms));
    let told = |rooms| format!("{}: from a message of one to each room, until all have heard it", of(rooms));
    let rows: [(&str, _, Vec<Goal>, String); PARTS] = [
        ("websocket", "KiB each", vec![Goal::Max(KIB_MAX)], asleep(1)),
        ("websocket-told", "ms", vec![Goal::PeerRatioMax(1.0)], told(1)),
        ("websocket-rooms", "KiB each", vec![Goal::Max(KIB_MAX)], asleep(ROOMS)),
        ("websocket-rooms-told", "ms", vec![Goal::PeerRatioMax(1.0)], told(ROOMS)),
    ];
    let outcome = |(figures, (row, unit, goals, note)): (_, (&str, _, _, _))| Outcome {
        row: row.to_owned(),
        unit,
        cpu_per: "socket",
        figures,
        goals,
        notes: vec![note],
        ..Outcome::default()
    };
    Ok(parts.into_iter().zip(rows).map(outcome).collect())
}

/// What sockets hold while they sleep, and how long a message to all takes.
fn measure(subjects: &Subjects, subject: Subject, count: u32, rooms: u32) -> Result<[Sample; 2]> {
    let folder = Folder::new()?;
    let mut server = subjects.launch_objects(subject, &folder, Disk::Real)?;
    server.wait("/")?;
    drop(Socket::open(&server, "warm")?);
    // An object leaves nothing behind, so that what it was is part of neither figure.
    std::thread::sleep(ASLEEP);
    let base_kib = server.process.own_kib()?;
    let began = Instant::now();
    let open = |place: u32| Socket::open(&server, &format!("r{}", place % rooms)).with_context(|| format!("socket {place}"));
    let mut sockets = (0..count).map(open).collect::<Result<Vec<_>>>()?;
    let opened = began.elapsed();
    let (mut all_ms, cpu_before) = (Vec::new(), server.process.cpu()?);
    for _ in 0..BROADCASTS {
        all_ms.push(tell_all(&mut sockets, rooms)?);
    }
    let cpu = server.process.cpu()? - cpu_before;
    let awake_kib = server.process.own_kib()?;
    std::thread::sleep(ASLEEP);
    let asleep_kib = server.process.own_kib()?;
    let woken_ms = tell_all(&mut sockets, rooms)?;
    let each = |kib: f64| (kib - base_kib) / f64::from(count);
    let asleep = Sample {
        value: each(asleep_kib),
        resident: Some(server.process.resident()?),
        details: vec![
            Detail { name: "awake", unit: "KiB each", value: each(awake_kib) },
            Detail::count("descriptors", server.process.descriptors()? as f64),
        ],
        ..Sample::default()
    };
    let told = Sample {
        value: super::super::figures::median(&all_ms).unwrap_or_default(),
        cpu_us: Some(cpu.as_secs_f64() * 1e6 / f64::from(BROADCASTS * count)),
        details: vec![
            Detail::ms("the first after a sleep", woken_ms),
            Detail { name: "opened", unit: "/s", value: f64::from(count) / opened.as_secs_f64() },
        ],
        ..Sample::default()
    };
    Ok([asleep, told])
}

/// One of each room says something; all of the room hear it. In ms.
fn tell_all(sockets: &mut [Socket], rooms: u32) -> Result<f64> {
    let began = Instant::now();
    for socket in sockets.iter_mut().take(rooms as usize) {
        socket.say(MESSAGE)?;
    }
    for (place, socket) in sockets.iter_mut().enumerate() {
        let heard = socket.hear().with_context(|| format!("socket {place}"))?;
        ensure!(heard == MESSAGE, "socket {place} heard {heard:?}");
    }
    Ok(milliseconds(began.elapsed()))
}

/// A client that blocks: what has come for it waits in the kernel.
struct Socket(TcpStream);

impl Socket {
    fn open(server: &Server, room: &str) -> Result<Self> {
        let mut stream =
            TcpStream::connect(server.process.address).context("no connection: are there descriptors (ulimit -n)?")?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let head = format!(
            "GET /room/{room} HTTP/1.1\r\nhost: {HOST}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
            sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(head.as_bytes())?;
        // Byte by byte: what follows the head is a message.
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).with_context(|| format!("no answer but {:?}", String::from_utf8_lossy(&answer)))?;
            answer.extend(byte);
        }
        let answer = String::from_utf8_lossy(&answer);
        ensure!(
            answer.starts_with("HTTP/1.1 101"),
            "the room does not open a WebSocket: {answer}; printed: {}",
            server.process.printed()
        );
        Ok(Self(stream))
    }

    fn say(&mut self, message: &[u8]) -> Result<()> {
        // Masked with zeros: a client's frames have a mask.
        let mut frame = vec![0x81, 0x80 | u8::try_from(message.len()).context("a short message")?, 0, 0, 0, 0];
        frame.extend_from_slice(message);
        Ok(self.0.write_all(&frame)?)
    }

    fn hear(&mut self) -> Result<Vec<u8>> {
        let mut head = [0; 2];
        self.0.read_exact(&mut head).context("nothing heard")?;
        ensure!(head[0] & 0x8f == 0x81 && head[1] < 126, "not a short message: {head:?}");
        let mut message = vec![0; head[1].into()];
        self.0.read_exact(&mut message)?;
        Ok(message)
    }
}
