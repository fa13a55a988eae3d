//! Many workers with many versions, nearly all of them idle: a node takes little memory for them, and its start no time.

use std::time::{Duration, Instant};

use skerry_control::{Meta, Publish, Range, Transaction};
use skerry_tests::deploys::Site;
use skerry_tests::server::PATIENCE;
use tempfile::TempDir;

use crate::Failure;
use crate::plane::Plane;

const VERSIONS: usize = 50;
/// Of each version: if idle workers had it in memory it would show.
const CODE_BYTES: usize = 100 << 10;
/// What an idle worker may take at most, with its previews.
const IDLE_BYTES_MAX: u64 = 64 << 10;
/// Workers whose rows are written in one commit.
const AT_ONCE: usize = 20;

/// Workers from the number `first` on, each with rows like those of `w0`. It has no secrets: they would be sealed for `w0` alone.
async fn copy(plane: &Plane, first: usize, end: usize) -> Result<(), Failure> {
    let whole = format!("worker/{}/w0", plane.caller.account);
    let row = plane.meta.get(&whole).await?.ok_or("w0 is not there")?;
    let id = serde_json::from_slice::<serde_json::Value>(&row.value)?["id"].as_str().ok_or("no id")?.to_owned();
    let mut rows = vec![(whole, row)];
    for prefix in ["version", "version-id", "deployment"] {
        rows.extend(plane.meta.scan(&format!("{prefix}/{id}/"), Range::ALL).await?);
    }
    rows.push((format!("live/{id}"), plane.meta.get(&format!("live/{id}")).await?.ok_or("it is not deployed")?));
    let numbers: Vec<_> = (first..end).collect();
    for some in numbers.chunks(AT_ONCE) {
        let mut transaction = Transaction::default();
        for number in some {
            let (other, name) = (format!("{number:032x}"), format!("w{number}"));
            for (key, row) in &rows {
                let text = std::str::from_utf8(&row.value)?.replace(&id, &other);
                let text = text.replace("\"w0\"", &format!("\"{name}\"")).replace("-w0.", &format!("-{name}."));
                let text = text.replace("\"w0.", &format!("\"{name}."));
                transaction.put(key.replace(&id, &other).replace("/w0", &format!("/{name}")), text.into_bytes());
            }
        }
        plane.meta.commit(transaction).await?;
    }
    Ok(())
}

fn filled(workers: usize, versions: usize) -> Result<(TempDir, usize), Failure> {
    let folder = tempfile::tempdir()?;
    let runtime = tokio::runtime::Runtime::new()?;
    let snapshot_bytes = runtime.block_on(async {
        let plane = Plane::open(&folder.path().join("data")).await?;
        for number in 1..=versions {
            plane.upload("w0", number, CODE_BYTES, Publish::Deploy).await?;
        }
        copy(&plane, 1, workers).await?;
        Ok::<_, Failure>(serde_json::to_vec(&plane.control.live_snapshot().await?)?.len())
    })?;
    Ok((folder, snapshot_bytes))
}

/// What a node takes, in bytes and milliseconds.
#[derive(Debug, Clone, Copy)]
struct Taken {
    rss: u64,
    rss_used: u64,
    first_start_ms: u128,
    start_ms: u128,
    snapshot: usize,
}

/// The node's processes start and end for a while: what they take together when that is over.
fn settled_bytes(site: &Site) -> u64 {
    const CHANGE_MAX: u64 = 512 << 10;
    const LOOKS: usize = 10;
    let (began, mut calm, mut before) = (Instant::now(), 0, 0_u64);
    while calm < LOOKS && began.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(100));
        let now = site.resident_bytes();
        calm = if now.abs_diff(before) < CHANGE_MAX { calm + 1 } else { 0 };
        before = now;
    }
    before
}

fn taken(workers: usize, versions: usize) -> Result<Taken, Failure> {
    let (folder, snapshot) = filled(workers, versions)?;
    let began = Instant::now();
    let mut site = Site::on(folder, &[])?;
    let first_start_ms = began.elapsed().as_millis();
    let expected = format!("version {versions}");
    let last = format!("w{}", workers - 1);
    site.until(&last, &expected)?;
    site.stop()?;
    let began = Instant::now();
    site.start_again()?;
    site.until(&last, &expected)?;
    let start_ms = began.elapsed().as_millis();
    let rss = settled_bytes(&site);
    for number in 0..5 {
        site.until(&format!("w{number}"), &expected)?;
    }
    let rss_used = settled_bytes(&site);
    println!(
        "{workers} x {versions}: {} MB with one in use, {} MB with six; {first_start_ms} ms to serve all anew, {start_ms} ms from a start to an answer; a snapshot of {} KB",
        rss >> 20,
        rss_used >> 20,
        snapshot >> 10
    );
    Ok(Taken { rss, rss_used, first_start_ms, start_ms, snapshot })
}

#[test]
fn a_thousand_idle_workers_with_fifty_versions_each_take_next_to_nothing() -> Result<(), Failure> {
    let few = taken(10, VERSIONS)?;
    let some = taken(100, VERSIONS)?;
    let many = taken(1_000, VERSIONS)?;
    let young = taken(1_000, 6)?;
    for (more, workers) in [(some, 90), (many, 990)] {
        let noise = 24 << 20;
        let allowed = few.rss + workers * IDLE_BYTES_MAX + noise;
        assert!(more.rss < allowed, "{workers} more idle workers: {more:?} after {few:?}");
        assert!(more.rss_used < few.rss_used + workers * IDLE_BYTES_MAX + noise, "{more:?} after {few:?}");
    }
    // Only deployed versions and five previews are told.
    assert!(many.snapshot < young.snapshot + young.snapshot / 20, "{many:?} with more versions than {young:?}");
    assert!(many.rss < young.rss + (24 << 20), "{many:?} with more versions than {young:?}");
    // Loosely: a node that reads all code, or all versions, takes far longer.
    assert!(many.start_ms < few.start_ms + 5_000, "{many:?} after {few:?}");
    assert!(many.first_start_ms < few.first_start_ms + 20_000, "{many:?} after {few:?}");
    Ok(())
}
