//! Control groups (version 2), where the node may make some: the kernel then holds cells to what they may take of memory, threads and cores.
//!
//! ```text
//!   the node's own group     what was given to it (systemd: Delegate=)
//!     front/                 the node moves there: a group with groups in it has no processes
//!     cells/                 memory.max of all cells
//!       1/ 2/ ..             memory.max, pids.max, cpu.weight of each
//! ```

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const ROOT: &str = "/sys/fs/cgroup";
/// Cells cannot be had without the first; the others are used where they are there.
const CONTROLLERS: [&str; 3] = ["memory", "pids", "cpu"];
const FRONT: &str = "front";
const CELLS: &str = "cells";
/// Whatever cells do, the front has the larger part of the cores.
const FRONT_WEIGHT: u32 = 300;
const CELL_WEIGHT: u32 = 100;
/// One that comes up takes what the others leave.
const STARTING_WEIGHT: u32 = 25;

/// What cells may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct GroupLimits {
    pub all_bytes: usize,
    pub each_bytes: usize,
    pub each_threads: usize,
}

/// The group that has a group for each cell.
pub(super) struct Groups {
    folder: PathBuf,
    limits: GroupLimits,
    controllers: Vec<&'static str>,
}

/// The group of one cell, for as long as this is kept.
pub(super) struct Group {
    folder: PathBuf,
    has_weight: bool,
}

/// Why there are none.
#[derive(Debug, thiserror::Error)]
pub(super) enum GroupError {
    #[error("{0} (systemd's Delegate= gives some to a service, a writable /sys/fs/cgroup to a container)")]
    NotGiven(String),
    #[error("{file}: {error}. {mend}", file = .file.display())]
    Refused { file: PathBuf, error: io::Error, mend: &'static str },
}

impl Groups {
    /// Moves the process into the one for the front. To be called before there is a cell.
    pub fn make(limits: GroupLimits) -> Result<Self, GroupError> {
        let list = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let path = own_group(&list).ok_or_else(|| GroupError::NotGiven("there are no control groups of version 2".to_owned()))?;
        Self::make_in(&path, std::process::id(), limits)
    }

    fn make_in(own: &Path, process: u32, limits: GroupLimits) -> Result<Self, GroupError> {
        let text = |name: &str| fs::read_to_string(own.join(name)).unwrap_or_default();
        let given = text("cgroup.controllers");
        let controllers: Vec<_> =
            CONTROLLERS.into_iter().filter(|name| given.split_whitespace().any(|given| given == *name)).collect();
        // The machine's own group has no limits.
        if !controllers.contains(&"memory") || !own.join("memory.max").exists() {
            return Err(GroupError::NotGiven(format!("{} has no memory controller for the node", own.display())));
        }
        let front = own.join(FRONT);
        if let Err(refused) = make_folder(&front) {
            return Err(match &refused {
                GroupError::Refused { error, .. } if is_forbidden(error) => {
                    GroupError::NotGiven(format!("the node may make no groups in {}", own.display()))
                }
                _ => refused,
            });
        }
        let cells = own.join(CELLS);
        let made = Self::fill(own, &front, &cells, process, limits, &controllers);
        if let Err(error) = made {
            // As it was.
            let off: Vec<_> = controllers.iter().map(|name| format!("-{name}")).collect();
            let _none_was_on = fs::write(own.join("cgroup.subtree_control"), off.join(" "));
            let _never_left = fs::write(own.join("cgroup.procs"), process.to_string());
            return Err(error);
        }
        Ok(Self { folder: cells, limits, controllers })
    }

    fn fill(
        own: &Path,
        front: &Path,
        cells: &Path,
        process: u32,
        limits: GroupLimits,
        controllers: &[&str],
    ) -> Result<(), GroupError> {
        let on = controllers.iter().map(|name| format!("+{name}")).collect::<Vec<_>>().join(" ");
        write(front, "cgroup.procs", process)?;
        write(own, "cgroup.subtree_control", &on)?;
        make_folder(cells)?;
        // The node itself looks first, and says who it was.
        write(cells, "memory.max", limits.all_bytes.saturating_add(limits.all_bytes / 16))?;
        if controllers.contains(&"cpu") {
            write(front, "cpu.weight", FRONT_WEIGHT)?;
            write(cells, "cpu.weight", CELL_WEIGHT)?;
        }
        write(cells, "cgroup.subtree_control", &on)?;
        // Of a node that was here before. One with processes in it stays.
        for left in fs::read_dir(cells).into_iter().flatten().flatten() {
            let _has_processes = fs::remove_dir(left.path());
        }
        Ok(())
    }

    /// A group for a cell, with its process in it.
    pub fn add(&self, number: u32, process: u32) -> Result<Group, GroupError> {
        let folder = self.folder.join(number.to_string());
        make_folder(&folder)?;
        let has = |name: &str| self.controllers.contains(&name);
        let group = Group { folder, has_weight: has("cpu") };
        let folder = &group.folder;
        write(folder, "memory.max", self.limits.each_bytes)?;
        // A cell without one of its threads is none.
        write(folder, "memory.oom.group", 1)?;
        if has("pids") {
            write(folder, "pids.max", self.limits.each_threads)?;
        }
        if group.has_weight {
            write(folder, "cpu.weight", STARTING_WEIGHT)?;
        }
        write(folder, "cgroup.procs", process)?;
        Ok(group)
    }

    /// For the log.
    pub fn describe(&self) -> String {
        let GroupLimits { all_bytes, each_bytes, each_threads } = self.limits;
        let (all, each) = (all_bytes >> 20, each_bytes >> 20);
        let (folder, controllers) = (self.folder.display(), self.controllers.join(", "));
        format!("{folder} ({controllers}): {all} MB for all, {each} MB and {each_threads} threads for each")
    }
}

impl Group {
    /// The cell has come up, and gets as much as others.
    pub fn raise(&self) {
        if self.has_weight {
            let _gone_already = fs::write(self.folder.join("cpu.weight"), CELL_WEIGHT.to_string());
        }
    }

    /// Whether the kernel has ended the cell for its memory.
    pub fn was_out_of_memory(&self) -> bool {
        let events = fs::read_to_string(self.folder.join("memory.events")).unwrap_or_default();
        events.lines().filter_map(|line| line.strip_prefix("oom_kill ")).any(|count| count.trim() != "0")
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _tried_again_at_the_next_start = fs::remove_dir(&self.folder);
    }
}

/// `0::/a/b`. Where the node is in a group for a front already, what is above it is its own.
fn own_group(list: &str) -> Option<PathBuf> {
    let path = list.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let path = Path::new(path);
    let path = if path.ends_with(FRONT) { path.parent()? } else { path };
    // Outside of what this namespace has.
    let is_inside = path.components().all(|part| matches!(part, std::path::Component::Normal(_)));
    is_inside.then(|| Path::new(ROOT).join(path))
}

fn make_folder(folder: &Path) -> Result<(), GroupError> {
    match fs::create_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        made => made.map_err(|error| refused(folder, error)),
    }
}

fn write(folder: &Path, name: &str, value: impl ToString) -> Result<(), GroupError> {
    let file = folder.join(name);
    fs::write(&file, value.to_string()).map_err(|error| refused(&file, error))
}

fn refused(file: &Path, error: io::Error) -> GroupError {
    let mend = if error.kind() == io::ErrorKind::ResourceBusy {
        "Other processes are in the node's control group: start it as a service of its own"
    } else if is_forbidden(&error) {
        "The node may not write there: give its service Delegate=yes and ProtectControlGroups=no, or its container a writable /sys/fs/cgroup"
    } else {
        "Delegate the controllers memory, pids and cpu to the node, or none"
    };
    GroupError::Refused { file: file.to_owned(), error, mend }
}

fn is_forbidden(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Failure = Box<dyn std::error::Error>;

    const LIMITS: GroupLimits = GroupLimits { all_bytes: 1600, each_bytes: 1200, each_threads: 300 };

    /// A folder that looks like a group, as far as it can.
    fn group(controllers: &str) -> Result<tempfile::TempDir, Failure> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("cgroup.controllers"), controllers)?;
        fs::write(folder.path().join("memory.max"), "max\n")?;
        Ok(folder)
    }

    #[test]
    fn a_group_for_the_front_and_one_for_each_cell() -> Result<(), Failure> {
        let own = group("cpuset cpu io memory pids\n")?;
        let text = |name: &str| fs::read_to_string(own.path().join(name)).unwrap_or_else(|error| format!("{name}: {error}"));
        fs::create_dir_all(own.path().join("cells/7"))?;
        let groups = Groups::make_in(own.path(), 42, LIMITS)?;
        assert_eq!((text("front/cgroup.procs"), text("front/cpu.weight")), ("42".to_owned(), "300".to_owned()));
        for name in ["cgroup.subtree_control", "cells/cgroup.subtree_control"] {
            assert_eq!(text(name), "+memory +pids +cpu");
        }
        assert_eq!(text("cells/memory.max"), "1700");
        assert!(!own.path().join("cells/7").exists(), "a group from before is still there");
        assert!(groups.describe().contains("cells (memory, pids, cpu): "), "{}", groups.describe());

        let cell = groups.add(3, 43)?;
        for (name, expected) in
            [("memory.max", "1200"), ("memory.oom.group", "1"), ("pids.max", "300"), ("cpu.weight", "25"), ("cgroup.procs", "43")]
        {
            assert_eq!(text(&format!("cells/3/{name}")), expected, "{name}");
        }
        cell.raise();
        assert_eq!(text("cells/3/cpu.weight"), "100");
        assert!(!cell.was_out_of_memory());
        fs::write(own.path().join("cells/3/memory.events"), "low 0\noom 1\noom_kill 2\noom_group_kill 1\n")?;
        assert!(cell.was_out_of_memory());
        fs::write(own.path().join("cells/3/memory.events"), "low 0\noom 1\noom_kill 0\noom_group_kill 0\n")?;
        assert!(!cell.was_out_of_memory());
        // The kernel's files go with the folder.
        for file in fs::read_dir(own.path().join("cells/3"))? {
            fs::remove_file(file?.path())?;
        }
        drop(cell);
        assert!(!own.path().join("cells/3").exists());
        Ok(())
    }

    #[test]
    fn what_is_not_there_is_done_without() -> Result<(), Failure> {
        let own = group("memory\n")?;
        let groups = Groups::make_in(own.path(), 42, LIMITS)?;
        let _cell = groups.add(1, 43)?;
        assert!(!own.path().join("cells/1/pids.max").exists() && !own.path().join("cells/1/cpu.weight").exists());

        let without = group("cpu pids\n")?;
        let error = Groups::make_in(without.path(), 42, LIMITS).err().ok_or("there is no memory controller")?;
        assert!(matches!(error, GroupError::NotGiven(_)) && error.to_string().contains("Delegate="), "{error}");
        assert!(!without.path().join("front").exists(), "something was done");

        let machines = group("memory\n")?;
        fs::remove_file(machines.path().join("memory.max"))?;
        assert!(matches!(Groups::make_in(machines.path(), 42, LIMITS), Err(GroupError::NotGiven(_))));
        Ok(())
    }

    #[test]
    fn what_is_refused_is_named_and_leaves_the_node_where_it_was() -> Result<(), Failure> {
        let own = group("memory pids cpu\n")?;
        fs::write(own.path().join("cells"), "a file")?;
        let error = Groups::make_in(own.path(), 42, LIMITS).err().ok_or("it went through")?.to_string();
        assert!(error.contains(&format!("{}: ", own.path().join("cells").display())), "{error}");
        let text = |name: &str| fs::read_to_string(own.path().join(name));
        assert_eq!((text("cgroup.procs")?.as_str(), text("cgroup.subtree_control")?.as_str()), ("42", "-memory -pids -cpu"));

        for (kind, mend) in [
            (io::ErrorKind::ResourceBusy, "a service of its own"),
            (io::ErrorKind::PermissionDenied, "Delegate=yes"),
            (io::ErrorKind::ReadOnlyFilesystem, "ProtectControlGroups=no"),
            (io::ErrorKind::InvalidInput, "Delegate the controllers"),
        ] {
            let error = refused(Path::new("/x/cgroup.procs"), kind.into()).to_string();
            assert!(error.starts_with("/x/cgroup.procs: ") && error.contains(mend), "{error}");
        }
        Ok(())
    }

    #[test]
    fn the_nodes_group_is_found() {
        let found = |list: &str| own_group(list).map(|path| path.display().to_string());
        let unit = "/sys/fs/cgroup/system.slice/skerry-edge.service".to_owned();
        assert_eq!(found("1:name=systemd:/\n0::/system.slice/skerry-edge.service\n"), Some(unit.clone()));
        assert_eq!(found("0::/system.slice/skerry-edge.service/front\n"), Some(unit));
        assert_eq!(found("0::/\n"), Some("/sys/fs/cgroup/".to_owned()));
        assert_eq!(found("0::/../other\n"), None);
        assert_eq!(found("4:memory:/a\n"), None);
    }
}
