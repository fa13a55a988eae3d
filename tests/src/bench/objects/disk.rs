//! What it costs to force something to the disk, and a disk that takes its time for it.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;

use super::super::figures::{Detail, Sample, percentile};

/// As large as what a small write of an object puts into a log.
const RECORD_BYTES: usize = 4096;
/// What a disk with rotating parts or behind a network takes.
const SLOW: Duration = Duration::from_millis(5);

/// The disk that servers write to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Disk {
    Real,
    /// Each `fsync` and `fdatasync` of a process returns so much later: the thread that called it waits, as it would for such a disk, and
    /// calls of others wait beside it. Nothing else is slower.
    Slow,
}

#[derive(Args)]
pub(crate) struct FsyncArgs {
    #[arg(long)]
    folder: PathBuf,
    #[arg(long)]
    seconds: u32,
}

impl Disk {
    /// The same program on this disk.
    pub(super) fn command(self, mut command: Command) -> Result<Command> {
        if self == Self::Slow {
            command.env("LD_PRELOAD", slow_library()?);
        }
        Ok(command)
    }

    /// Why there is no such disk here.
    pub(super) fn missing(self) -> Option<String> {
        (self == Self::Slow).then(slow_library)?.err().map(|error| format!("not measured: {error:#}"))
    }

    pub(super) fn note(self) -> String {
        match self {
            Self::Real => "on the disk of this machine".to_owned(),
            Self::Slow => format!("each fsync and fdatasync of every process measured returns {SLOW:?} later (LD_PRELOAD)"),
        }
    }

    /// One writer that waits for the disk after each of its writes.
    pub(super) fn one_fsync_each(self, bench: &Path, folder: &Path, seconds: u32) -> Result<Sample> {
        let mut command = Command::new(bench);
        command.arg("fsync").arg("--folder").arg(folder).arg("--seconds").arg(seconds.to_string());
        let output = self.command(command)?.output().context("the writer does not start")?;
        let printed = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "the writer failed: {}", String::from_utf8_lossy(&output.stderr));
        let numbers: Vec<f64> = printed.split_whitespace().filter_map(|number| number.parse().ok()).collect();
        let [per_second, p50_us, p99_us] = numbers[..] else { anyhow::bail!("the writer printed {printed}") };
        Ok(Sample {
            value: per_second,
            p99_ms: Some(p99_us / 1e3),
            details: vec![Detail::us("p50", p50_us)],
            ..Sample::default()
        })
    }
}

/// A library whose `fsync` and `fdatasync` are those of the C library, and then sleep. (`strace` can do the same, but wakes itself and stops
/// threads for it: half as much CPU time again for each write of ours was its own.)
fn slow_library() -> Result<PathBuf> {
    let folder = skerry_tests::repository().join("target").join("bench-cache");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let library = folder.join("slow-disk.so");
    let source = folder.join("slow-disk.c");
    std::fs::write(&source, include_str!("slow_disk.c"))?;
    let mut compile = Command::new("cc");
    compile.args(["-shared", "-fPIC", "-O2"]).arg(format!("-DSLOW_NS={}", SLOW.as_nanos())).arg("-o").arg(&library).arg(&source);
    let output = compile.output().context("there is no C compiler `cc`")?;
    ensure!(output.status.success(), "the slow disk does not compile: {}", String::from_utf8_lossy(&output.stderr));
    Ok(library)
}

/// Prints writes per second, and the 50th and the 99th percentile of their times in microseconds.
pub(crate) fn fsync(args: &FsyncArgs) -> Result<()> {
    let path = args.folder.join("floor");
    let mut file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    let began = Instant::now();
    let mut taken_us = Vec::new();
    while began.elapsed() < Duration::from_secs(args.seconds.into()) {
        let before = Instant::now();
        file.write_all(&[0x5a; RECORD_BYTES])?;
        file.sync_data()?;
        taken_us.push(before.elapsed().as_secs_f64() * 1e6);
    }
    let per_second = taken_us.len() as f64 / began.elapsed().as_secs_f64();
    println!("{per_second:.1} {:.1} {:.1}", percentile(&taken_us, 50), percentile(&taken_us, 99));
    std::fs::remove_file(&path)?;
    Ok(())
}
