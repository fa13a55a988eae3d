//! What the node's machine has, or what the process may use of it.

use std::path::{Path, PathBuf};

/// Where there is no telling.
const USUAL_BYTES: usize = 1 << 30;

/// The memory that the process may use: the machine's, or what the smallest limit of its control groups leaves.
pub(crate) fn memory_bytes() -> usize {
    let limits = control_groups().into_iter().filter_map(|folder| {
        let text = std::fs::read_to_string(folder.join("memory.max")).ok()?;
        text.trim().parse().ok()
    });
    limits.chain(installed_bytes()).min().unwrap_or(USUAL_BYTES)
}

fn installed_bytes() -> Option<usize> {
    parse_installed(&std::fs::read_to_string("/proc/meminfo").ok()?)
}

/// The process's control group (version 2) and all above it.
fn control_groups() -> Vec<PathBuf> {
    let group = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let Some(path) = group.lines().find_map(|line| line.strip_prefix("0::/")) else { return Vec::new() };
    let root = Path::new("/sys/fs/cgroup");
    root.join(path).ancestors().take_while(|folder| folder.starts_with(root)).map(Path::to_owned).collect()
}

fn parse_installed(meminfo: &str) -> Option<usize> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: usize = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_found() {
        assert_eq!(parse_installed("MemTotal:       24615632 kB\nMemFree: 1 kB\n"), Some(24_615_632 << 10));
        assert_eq!(parse_installed("MemFree: 1 kB\n"), None);
        assert!(memory_bytes() > 64 << 20);
    }
}
