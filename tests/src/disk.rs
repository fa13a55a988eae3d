//! A small disk that a test may fill: a file system in memory that only processes started on it see, and that outlives them.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

const BALLAST: &str = "ballast";
/// Tells that the disk is there, and ends when nobody holds its standard input any more.
const HOLD: &str = "mount --make-rprivate / && mount -t tmpfs -o size=$2 tmpfs \"$1\" && echo mounted && exec cat";

/// Gone when dropped, with all processes on it ended before.
pub struct Disk {
    /// Lives in the mount namespace that has the disk.
    holder: Child,
    mount_point: TempDir,
}

impl Disk {
    pub fn new(bytes: u64) -> Result<Self> {
        let mount_point = tempfile::tempdir()?;
        let mut holder = Command::new("unshare")
            .args(["--mount", "sh", "-c", HOLD, "sh"])
            .arg(mount_point.path())
            .arg(bytes.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("unshare (of util-linux) does not start")?;
        let mut told = String::new();
        BufReader::new(holder.stdout.take().context("no output")?).read_line(&mut told)?;
        let disk = Self { holder, mount_point };
        ensure!(told == "mounted\n", "a disk of its own cannot be mounted for this test: that takes root (or CAP_SYS_ADMIN)");
        Ok(disk)
    }

    /// As processes on the disk see it.
    pub fn path(&self) -> &Path {
        self.mount_point.path()
    }

    /// As all others see it.
    pub fn seen(&self) -> PathBuf {
        let here = self.path().strip_prefix("/").unwrap_or(self.path());
        PathBuf::from(format!("/proc/{}/root", self.holder.id())).join(here)
    }

    /// Runs a program where the disk is to be seen.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--mount=/proc/{}/ns/mnt", self.holder.id())).arg("--").arg(program);
        command
    }

    /// Until nothing more fits.
    pub fn fill(&self) -> Result<()> {
        let mut ballast = File::options().create(true).append(true).open(self.seen().join(BALLAST))?;
        for size in [1 << 20, 4096, 1] {
            let piece = vec![0; size];
            loop {
                match ballast.write_all(&piece) {
                    Ok(()) => {}
                    Err(error) if error.kind() == ErrorKind::StorageFull => break,
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(())
    }

    /// What processes have open is not asked: they find out when they write.
    pub fn set_read_only(&self, is_read_only: bool) -> Result<()> {
        let mode = if is_read_only { "remount,ro" } else { "remount,rw" };
        // A process that was killed may have files open for a moment.
        for _ in 0..50 {
            if self.command(Path::new("mount")).args(["-o", mode]).arg(self.path()).status()?.success() {
                return Ok(());
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        bail!("the disk cannot be mounted again")
    }

    /// Gives back what `fill` took.
    pub fn free(&self) -> Result<()> {
        Ok(std::fs::remove_file(self.seen().join(BALLAST))?)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _may_have_ended = self.holder.kill();
        let _status = self.holder.wait();
    }
}
