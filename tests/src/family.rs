//! A process and those that it has started, taken together: what a node uses, wherever it runs isolates.

use std::fs;
use std::time::Duration;

/// The processes that it has started and that are not over, by their ids.
pub fn children(process: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().filter_map(Result::ok);
    let of_task = |task: fs::DirEntry| fs::read_to_string(task.path().join("children")).unwrap_or_default();
    let lists: Vec<String> = tasks.map(of_task).collect();
    lists.iter().flat_map(|list| list.split_whitespace()).filter_map(|id| id.parse().ok()).collect()
}

/// Resident memory of all of them in bytes. What they share counts for each.
pub fn resident_bytes(process: u32) -> u64 {
    let of_one = |process: u32| {
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
    };
    of_one(process) + children(process).into_iter().map(of_one).sum::<u64>()
}

/// CPU time that all of them have used, those that are over included.
pub fn cpu_time(process: u32) -> Duration {
    // User and system time, and the same of ended children, in hundredths of a second.
    let of_one = |process: u32, fields: &[usize]| {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        // The name in parentheses may contain spaces; what comes after it is the third field.
        let after: Vec<u64> =
            stat.rsplit(')').next().unwrap_or_default().split_whitespace().map(|field| field.parse().unwrap_or(0)).collect();
        fields.iter().filter_map(|field| after.get(field - 3)).sum::<u64>()
    };
    let living: u64 = children(process).into_iter().map(|child| of_one(child, &[14, 15])).sum();
    Duration::from_millis((of_one(process, &[14, 15, 16, 17]) + living) * 10)
}
