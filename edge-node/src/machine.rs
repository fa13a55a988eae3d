//! What the node's machine has, or what the process may use of it.

use std::path::{Path, PathBuf};

use rustix::process::{Resource, Rlimit};

/// Where there is no telling.
const USUAL_BYTES: usize = 1 << 30;

/// The memory that the process may use: the machine's, or what the smallest limit of its control groups leaves.
pub fn memory_bytes() -> usize {
    let limits = limit_files().into_iter().filter_map(|file| std::fs::read_to_string(file).ok()?.trim().parse().ok());
    limits.chain(installed_bytes()).min().unwrap_or(USUAL_BYTES)
}

/// What the process takes of it now.
pub fn resident_bytes() -> usize {
    read_figure("/proc/self/status", "VmRSS:").unwrap_or(0)
}

/// Files and sockets that the process may have open; none where the system does not say, or there is no limit.
pub fn open_files_max() -> Option<usize> {
    rustix::process::getrlimit(Resource::Nofile).current.and_then(|files| usize::try_from(files).ok())
}

/// Lets the process open as many files as it may let itself: shells and services start it with a small part of that, for programs that use
/// `select`, which this one does not.
pub fn raise_open_files() {
    let limit = rustix::process::getrlimit(Resource::Nofile);
    // It may always be raised as far as this.
    let _as_it_was = rustix::process::setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
}

fn installed_bytes() -> Option<usize> {
    read_figure("/proc/meminfo", "MemTotal:")
}

fn read_figure(file: &str, name: &str) -> Option<usize> {
    figure(&std::fs::read_to_string(file).ok()?, name)
}

/// Those of the process's control groups, of both versions, and of all above them.
fn limit_files() -> Vec<PathBuf> {
    let groups = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    groups.lines().filter_map(limit_files_of).flatten().collect()
}

/// `0::/a/b` in version 2, `4:memory:/a/b` in version 1.
fn limit_files_of(line: &str) -> Option<Vec<PathBuf>> {
    let mut parts = line.splitn(3, ':').skip(1);
    let (root, file) = match parts.next()? {
        "" => ("/sys/fs/cgroup", "memory.max"),
        controllers if controllers.split(',').any(|name| name == "memory") => ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
        _ => return None,
    };
    let (root, group) = (Path::new(root), parts.next()?.trim_start_matches('/'));
    Some(root.join(group).ancestors().take_while(|folder| folder.starts_with(root)).map(|folder| folder.join(file)).collect())
}

/// `VmRSS:   123 kB`
fn figure(text: &str, name: &str) -> Option<usize> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kib: usize = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_of_files_is_raised_as_far_as_it_may_be() {
        raise_open_files();
        let limit = rustix::process::getrlimit(Resource::Nofile);
        assert_eq!(limit.current, limit.maximum);
        assert!(open_files_max().is_none_or(|files| files > 2));
    }

    #[test]
    fn memory_is_found() {
        assert_eq!(figure("MemTotal:       24615632 kB\nMemFree: 1 kB\n", "MemTotal:"), Some(24_615_632 << 10));
        assert_eq!(figure("MemFree: 1 kB\n", "MemTotal:"), None);
        assert!(memory_bytes() > resident_bytes() && resident_bytes() > 1 << 20);
        let files =
            |line| limit_files_of(line).map(|files| files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>());
        assert_eq!(files("0::/a").unwrap_or_default(), ["/sys/fs/cgroup/a/memory.max", "/sys/fs/cgroup/memory.max"]);
        let v1 = ["/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
        assert_eq!(files("4:cpu,memory:/a").unwrap_or_default(), v1);
        assert_eq!(files("3:cpu:/a"), None);
    }
}
