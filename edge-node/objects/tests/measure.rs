//! Figures, never judged: `cargo test --release -p skerry-objects --test measure -- --ignored --nocapture`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use skerry_objects::{Closed, Commit, Engine, Object, ObjectId, Options, Owned, PAGE_BYTES, Page, PageSet};

type Failure = Box<dyn std::error::Error + Send + Sync>;

const LASTS: Duration = Duration::from_secs(3);
const OBJECTS: u8 = 64;

fn object(number: u32) -> Object {
    let mut id = [7; 32];
    id[..4].copy_from_slice(&number.to_be_bytes());
    Object { id: ObjectId(id), namespace: "space".into(), name: None }
}

/// Two pages, half full, as a small write of SQLite has.
fn commit(number: u64) -> Commit {
    let page = |place: u32| {
        let mut bytes = vec![0; PAGE_BYTES];
        let noise = bytes.iter_mut().skip(PAGE_BYTES / 2).enumerate();
        noise.for_each(|(place, byte)| *byte = (place as u64 * 31 + number) as u8 | 1);
        Page { number: place, bytes: bytes.into() }
    };
    Commit { pages: PageSet { page_count: 2, pages: vec![page(1), page(2)] }, alarm_ms: None }
}

async fn write(owned: &Owned, number: u64) -> Result<(), Failure> {
    let position = owned.append(commit(number))?;
    Ok(owned.acknowledged().wait_for(position).await?)
}

/// Appends of as many bytes as a commit has, each with its own fsync. Gives how many there were in a second, and the median of their times.
fn one_fsync_each(folder: &Path) -> Result<(f64, Duration), Failure> {
    let mut file = std::fs::File::create(folder.join("fsync"))?;
    let (begun, mut times) = (Instant::now(), Vec::new());
    while begun.elapsed() < LASTS {
        let one = Instant::now();
        file.write_all(&[times.len() as u8; PAGE_BYTES])?;
        file.sync_data()?;
        times.push(one.elapsed());
    }
    let rate = times.len() as f64 / begun.elapsed().as_secs_f64();
    times.sort();
    Ok((rate, times[times.len() / 2]))
}

fn folder() -> Result<(tempfile::TempDir, PathBuf), Failure> {
    let folder = tempfile::tempdir_in(std::env::var("SKERRY_MEASURE_IN").unwrap_or_else(|_| ".".into()))?;
    let path = folder.path().to_owned();
    Ok((folder, path))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "it prints figures"]
async fn commits_of_many_objects_against_one_fsync_each() -> Result<(), Failure> {
    let (_kept, path) = folder()?;
    for _ in 0..3 {
        let (fsyncs, fsync) = one_fsync_each(&path)?;
        let engine = Arc::new(Engine::open(&path, Options::default()).await?);
        let alone = engine.own(&object(1000)).await?;
        let mut latencies = Vec::new();
        let begun = Instant::now();
        while begun.elapsed() < LASTS {
            let one = Instant::now();
            write(&alone, latencies.len() as u64).await?;
            latencies.push(one.elapsed());
        }
        latencies.sort();
        let before = engine.metrics();
        let mut tasks = Vec::new();
        for number in 0..OBJECTS {
            let engine = engine.clone();
            tasks.push(tokio::spawn(async move {
                let owned = engine.own(&object(number.into())).await?;
                let (begun, mut count) = (Instant::now(), 0);
                while begun.elapsed() < LASTS {
                    write(&owned, count).await?;
                    count += 1;
                }
                Ok::<_, Failure>(count)
            }));
        }
        let mut count = 0;
        for task in tasks {
            count += task.await??;
        }
        let (rate, after) = (count as f64 / LASTS.as_secs_f64(), engine.metrics());
        let (commits, appends) = (after.commits - before.commits, after.appends - before.appends);
        println!(
            "one fsync each {fsyncs:.0}/s (p50 {:.2} ms); {OBJECTS} objects {rate:.0} commits/s = {:.1}x, {:.1} in a group, a commit's end takes {:.2} ms; alone p50 {:.2} ms, p99 {:.2} ms",
            fsync.as_secs_f64() * 1000.0,
            rate / fsyncs,
            appends as f64 / commits as f64,
            (after.commit_micros - before.commit_micros) as f64 / commits as f64 / 1000.0,
            latencies[latencies.len() / 2].as_secs_f64() * 1000.0,
            latencies[latencies.len() * 99 / 100].as_secs_f64() * 1000.0,
        );
        drop(alone);
        Arc::into_inner(engine).ok_or("somebody has it still")?.close().await;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "it prints figures"]
async fn a_restart_with_many_objects() -> Result<(), Failure> {
    let (_kept, path) = folder()?;
    const MANY: u32 = 10_000;
    let engine = Engine::open(&path, Options::default()).await?;
    let begun = Instant::now();
    let mut owned = Vec::new();
    for start in (0..MANY).step_by(500) {
        let engine = &engine;
        let objects: Vec<_> = (start..start + 500).map(object).collect();
        let mut tasks = tokio::task::JoinSet::new();
        for object in objects {
            let own = engine.own(&object).await?;
            tasks.spawn(async move {
                write(&own, 1).await?;
                Ok::<_, Failure>(own)
            });
        }
        while let Some(task) = tasks.join_next().await {
            owned.push(task??);
        }
    }
    println!("{MANY} objects made and written in {:.1} s", begun.elapsed().as_secs_f64());
    let begun = Instant::now();
    for (place, owned) in owned.into_iter().enumerate() {
        // Half of them as after a kill, half as after a clean end.
        if place % 2 == 0 {
            std::fs::write(owned.cache_file(), vec![1; 2 * PAGE_BYTES])?;
            owned.release(Closed::Clean).await;
        }
    }
    println!("half of them released in {:.1} s", begun.elapsed().as_secs_f64());
    engine.close().await;
    let begun = Instant::now();
    let engine = Arc::new(Engine::open(&path, Options::default()).await?);
    let opened = begun.elapsed();
    drop(engine.own(&object(5)).await?);
    println!(
        "opened in {:.0} ms, the first object is there in {:.0} ms",
        opened.as_secs_f64() * 1e3,
        begun.elapsed().as_secs_f64() * 1e3
    );
    let begun = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..MANY {
        let engine = engine.clone();
        tasks.spawn(async move { engine.own(&object(number)).await });
    }
    while let Some(task) = tasks.join_next().await {
        drop(task??);
    }
    println!("all {MANY} taken over in {:.1} s: {:?}", begun.elapsed().as_secs_f64(), engine.metrics());
    Ok(())
}
