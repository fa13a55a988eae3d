//! Users and capabilities.

use rustix::io::Errno;
use rustix::process::{Gid, Pid, Uid, getpid, getuid};
use rustix::thread::{
    CapabilitiesSecureBits, CapabilitySet, CapabilitySets, capabilities, clear_ambient_capability_set,
    remove_capability_from_bounding_set, set_capabilities, set_capabilities_secure_bits, set_thread_groups, set_thread_res_gid,
    set_thread_res_uid,
};

use super::SandboxError;

/// Users from here on are nobody's: above those that systemd and container engines give away, below the 2^31 that some programs cannot
/// count to (<https://systemd.io/UIDS-GIDS/>). A process takes the one of its own number, so that no two of them are the same user: they
/// can neither signal each other, nor use up each other's limits.
const FIRST_USER: u32 = 0x7000_0000;

/// The same, in a container that has few users: 60706 to 61183 are nobody's as well.
const FEW_USERS: std::ops::Range<u32> = 60_706..61_184;

/// Of those that a kernel can have: the loop ends at the first that it has not.
const CAPABILITIES_MAX: u32 = 63;

/// Whether root can become someone else. Others stay who they are.
pub(super) fn can_change_user() -> bool {
    if !getuid().is_root() && !rustix::process::geteuid().is_root() {
        return true;
    }
    // The last is for whoever ends the process, which is another user's then.
    let needed = CapabilitySet::SETUID | CapabilitySet::SETGID | CapabilitySet::KILL;
    capabilities(None).is_ok_and(|sets| sets.effective.contains(needed))
        && own_user(getpid()).is_some_and(|user| is_mapped("/proc/self/uid_map", user) && is_mapped("/proc/self/gid_map", user))
}

/// Becomes a user that owns nothing, if the process is root's and `to_change_user`, and gives up all capabilities, for good.
pub(super) fn drop_all(to_change_user: bool) -> Result<(), SandboxError> {
    // Who may not empty the bounding set has none to lose in this way: with no_new_privs nothing is gained by executing a file.
    for number in 0..=CAPABILITIES_MAX {
        match remove_capability_from_bounding_set(CapabilitySet::from_bits_retain(1 << number)) {
            Ok(()) => {}
            Err(Errno::PERM | Errno::INVAL) => break,
            Err(error) => return Err(SandboxError::of("the bounding set of capabilities")(error)),
        }
    }
    let locked = CapabilitiesSecureBits::NO_ROOT
        | CapabilitiesSecureBits::NO_ROOT_LOCKED
        | CapabilitiesSecureBits::NO_SETUID_FIXUP_LOCKED
        | CapabilitiesSecureBits::KEEP_CAPS_LOCKED
        | CapabilitiesSecureBits::NO_CAP_AMBIENT_RAISE
        | CapabilitiesSecureBits::NO_CAP_AMBIENT_RAISE_LOCKED;
    allow_refusal(set_capabilities_secure_bits(locked)).map_err(SandboxError::of("the secure bits"))?;
    // Linux before 4.3 has no such set.
    let _has_none = clear_ambient_capability_set();
    if to_change_user && (getuid().is_root() || rustix::process::geteuid().is_root()) {
        let user = own_user(getpid()).ok_or(Errno::INVAL).map_err(SandboxError::of("choosing a user"))?;
        become_user(user).map_err(SandboxError::of("becoming another user"))?;
    }
    let none = CapabilitySet::empty();
    let none = CapabilitySets { effective: none, permitted: none, inheritable: none };
    set_capabilities(None, none).map_err(SandboxError::of("giving up capabilities"))
}

/// One without `CAP_SETPCAP` has nothing that could come back.
fn allow_refusal(answer: Result<(), Errno>) -> Result<(), Errno> {
    if answer == Err(Errno::PERM) { Ok(()) } else { answer }
}

/// Groups first: only root may change them.
fn become_user(user: u32) -> Result<(), Errno> {
    let (uid, gid) = (Uid::from_raw(user), Gid::from_raw(user));
    set_thread_groups(&[])?;
    set_thread_res_gid(gid, gid, gid)?;
    set_thread_res_uid(uid, uid, uid)
}

/// None where no such user can be.
fn own_user(process: Pid) -> Option<u32> {
    let number = u32::try_from(process.as_raw_pid()).ok()?;
    let few = FEW_USERS.start + number % FEW_USERS.len() as u32;
    [FIRST_USER.checked_add(number)?, few].into_iter().find(|user| is_mapped("/proc/self/uid_map", *user))
}

/// Whether a user namespace has the user: each line is the first number inside, that outside, and how many.
fn is_mapped(map: &str, user: u32) -> bool {
    // Without user namespaces there is no such file, and all users are there.
    std::fs::read_to_string(map).map_or(true, |map| contains(&map, user))
}

fn contains(map: &str, user: u32) -> bool {
    map.lines().any(|line| {
        let numbers: Vec<u64> = line.split_whitespace().filter_map(|number| number.parse().ok()).collect();
        matches!(numbers[..], [first, _, count] if (first..first + count).contains(&u64::from(user)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_has_the_users_of_its_map() {
        assert!(contains("         0          0 4294967295\n", FIRST_USER + 4_194_304));
        let container = "0 1000 1\n1 100000 65536\n";
        for (user, expected) in [(0, true), (1, true), (65_536, true), (65_537, false), (FIRST_USER, false)] {
            assert_eq!(contains(container, user), expected, "{user}");
        }
        assert!(!contains("", 0));
    }
}
