//! `kill -9` at random moments: what was confirmed is there, in order, and nothing is half there.
//!
//! More rounds: `SKERRY_KILLS=200 cargo test --release -p skerry-objects --test kill`.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use skerry_objects::{Closed, Commit, Engine, Object, ObjectId, Options, Owned, PAGE_BYTES, Page, PageSet};

type Failure = Box<dyn std::error::Error + Send + Sync>;

const FOLDER: &str = "SKERRY_TEST_KILL_FOLDER";
const ROUNDS: &str = "SKERRY_KILLS";
const OBJECTS: u8 = 24;
/// Token `n` stands in page 1, and in this one of the others.
const RING: u64 = 7;

fn object(number: u8) -> Object {
    Object { id: ObjectId([number; 32]), namespace: "space".into(), name: None }
}

/// Logs are cut all the time.
fn options() -> Options {
    Options { tail_entries_max: 40, wait: Duration::from_secs(10), ..Options::default() }
}

fn page(number: u64, token: u64) -> Page {
    let mut bytes = vec![0; PAGE_BYTES];
    for place in [0, 2000, PAGE_BYTES - 8] {
        bytes[place..place + 8].copy_from_slice(&token.to_le_bytes());
    }
    Page { number: number as u32, bytes: bytes.into() }
}

fn commit(token: u64) -> Commit {
    let pages = vec![page(1, token), page(2 + token % RING, token)];
    Commit { pages: PageSet { page_count: 2 + RING as u32, pages }, alarm_ms: Some(token as i64) }
}

/// The last token, once it is clear that the database is as it was behind it.
fn last_token(owned: &Owned) -> Result<u64, Failure> {
    let bytes = std::fs::read(owned.cache_file())?;
    if bytes.is_empty() {
        return Ok(0);
    }
    let token = |place: usize| bytes.get(place..place + 8).and_then(<[u8]>::first_chunk).map(|chunk| u64::from_le_bytes(*chunk));
    let last = token(0).ok_or("no first page")?;
    for expected in last.saturating_sub(RING - 1).max(1)..=last {
        let start = (1 + expected % RING) as usize * PAGE_BYTES;
        for place in [start, start + 2000, start + PAGE_BYTES - 8] {
            if token(place) != Some(expected) {
                return Err(format!("behind {last}, {:?} stands where {expected} belongs", token(place)).into());
            }
        }
    }
    if owned.alarm_ms() != Some(last as i64) {
        return Err(format!("the alarm is {:?} behind {last}", owned.alarm_ms()).into());
    }
    Ok(last)
}

/// The next test runs it in a process that it kills.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a part of the next test"]
async fn writes_until_it_is_killed() -> Result<(), Failure> {
    let folder = std::env::var(FOLDER)?;
    let engine = Arc::new(Engine::open(Path::new(&folder), options()).await?);
    let mut tasks = Vec::new();
    for number in 0..OBJECTS {
        let engine = engine.clone();
        tasks.push(tokio::spawn(async move {
            loop {
                let owned = engine.own(&object(number)).await?;
                let mut next = last_token(&owned)? + 1;
                for turn in 0..50 {
                    // Some appends are under way at once.
                    let mut position = 0;
                    for _ in 0..1 + (next + turn) % 4 {
                        position = owned.append(commit(next))?;
                        next += 1;
                    }
                    owned.acknowledged().wait_for(position).await?;
                    let line = format!("confirmed {number} {}\n", next - 1);
                    std::io::stdout().lock().write_all(line.as_bytes())?;
                }
                if number % 2 == 0 {
                    owned.release(Closed::Doubtful).await;
                }
            }
            #[expect(unreachable_code, reason = "it gives the type of errors")]
            Ok::<(), Failure>(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_confirmed_survives_kills() -> Result<(), Failure> {
    let rounds = std::env::var(ROUNDS).ok().and_then(|text| text.parse().ok()).unwrap_or(25);
    let folder = tempfile::tempdir()?;
    let mut confirmed: HashMap<u8, u64> = HashMap::new();
    let mut seed = u64::from(std::process::id());
    for round in 0..rounds {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["--ignored", "--exact", "writes_until_it_is_killed", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().ok_or("no output")?;
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let lines_max = 1 + (seed >> 33) % 250;
        let reading = tokio::task::spawn_blocking(move || {
            let (mut found, mut count) = (Vec::new(), 0);
            for line in BufReader::new(output).split(b'\n') {
                let line = String::from_utf8_lossy(&line?).into_owned();
                let mut words = line.split_once("confirmed ").map_or("", |(_, rest)| rest).split(' ');
                let (Some(Ok(number)), Some(Ok(token))) = (words.next().map(str::parse), words.next().map(str::parse)) else {
                    continue;
                };
                found.push((number, token));
                count += 1;
                if count == lines_max {
                    child.kill()?;
                }
            }
            child.wait()?;
            Ok::<_, Failure>((found, count >= lines_max))
        });
        let (found, was_killed) = reading.await??;
        assert!(was_killed, "round {round}: the child ended by itself after {} lines", found.len());
        for (number, token) in found {
            let last: &mut u64 = confirmed.entry(number).or_default();
            assert!(token > *last, "round {round}: {token} behind {last}");
            *last = token;
        }
        let engine = Arc::new(Engine::open(folder.path(), options()).await?);
        let mut found = tokio::task::JoinSet::new();
        for number in 0..OBJECTS {
            let engine = engine.clone();
            found.spawn(async move {
                let owned = engine.own(&object(number)).await?;
                let last = last_token(&owned).map_err(|error| format!("round {round}, object {number}: {error}"))?;
                owned.release(Closed::Doubtful).await;
                Ok::<_, Failure>((number, last))
            });
        }
        while let Some(one) = found.join_next().await {
            let (number, last) = one??;
            let certain = confirmed.get(&number).copied().unwrap_or(0);
            assert!(last >= certain, "round {round}, object {number}: {last} is left of {certain}");
            // What is found is what everybody sees from now on.
            confirmed.insert(number, last);
        }
        Arc::into_inner(engine).ok_or("somebody has it still")?.close().await;
    }
    let all: u64 = confirmed.values().sum();
    println!("{rounds} rounds, {all} commits");
    assert!(all > 40 * rounds, "{all} commits");
    Ok(())
}
