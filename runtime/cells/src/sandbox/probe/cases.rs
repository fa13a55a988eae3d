use std::ffi::{CStr, CString};

use rustix::io::Errno;

use super::{Arguments, Case};

/// Of these the child returns as well.
pub(super) const MAKES_CHILD: &[i64] = &[libc::SYS_fork, libc::SYS_vfork, libc::SYS_clone, libc::SYS_clone3];

/// By the filter, by Landlock, and by the filter for calls that are to seem absent.
const REFUSALS: &[Errno] = &[Errno::PERM, Errno::ACCESS, Errno::NOSYS];

/// Leads nowhere: no attempt leaves a trace where it is not refused.
const NOWHERE: &CStr = c"/skerry-probe/none";

/// Room for whatever a call reads or writes: zeros, which stand for the least that can be asked for.
static ROOM: [u64; 512] = [0; 512];

/// No process has this number (the largest is 2^22).
const NOBODY: usize = 0x3fff_ffff;

/// A number in two's complement, as a call takes it.
const fn signed(number: i32) -> usize {
    number as isize as usize
}

const HERE: usize = signed(libc::AT_FDCWD);
const ALL: usize = signed(-1);

fn at(text: &'static CStr) -> usize {
    text.as_ptr() as usize
}

fn room() -> usize {
    ROOM.as_ptr() as usize
}

fn case(name: &str, number: i64, arguments: &[usize]) -> Case {
    let mut padded: Arguments = [0; 6];
    for (slot, argument) in padded.iter_mut().zip(arguments) {
        *slot = *argument;
    }
    Case { name: name.to_owned(), number, arguments: padded, refusals: REFUSALS }
}

/// What is for ever, as the arguments of calls are.
fn leaked(text: String) -> usize {
    CString::new(text).map_or(0, |text| text.into_raw() as usize)
}

pub(super) fn all(parent: u32) -> Vec<Case> {
    let mut cases = files(parent);
    cases.extend(sockets());
    cases.extend(processes(parent as usize));
    cases.extend(privileges());
    cases.extend(kernel());
    cases.extend(descriptors());
    cases
}

fn files(parent: u32) -> Vec<Case> {
    let write = (libc::O_RDWR | libc::O_TMPFILE) as usize;
    let passwd = at(c"/etc/passwd");
    let parents_memory = leaked(format!("/proc/{parent}/maps"));
    let parents_environment = leaked(format!("/proc/{parent}/environ"));
    let path_only = libc::O_PATH as usize;
    vec![
        case("open of /etc/passwd", libc::SYS_open, &[passwd]),
        case("openat of /etc/passwd", libc::SYS_openat, &[HERE, passwd]),
        case("openat of /etc/passwd for its path alone", libc::SYS_openat, &[HERE, passwd, path_only]),
        case("openat2 of /etc/passwd", libc::SYS_openat2, &[HERE, passwd, room(), 24]),
        case("open of / for its path alone", libc::SYS_open, &[at(c"/"), path_only]),
        case("openat of a new file in /tmp", libc::SYS_openat, &[HERE, at(c"/tmp"), write, 0o600]),
        case("creat", libc::SYS_creat, &[at(NOWHERE), 0o600]),
        case("openat of /proc/1/environ", libc::SYS_openat, &[HERE, at(c"/proc/1/environ")]),
        case("openat of /proc/self/mem", libc::SYS_openat, &[HERE, at(c"/proc/self/mem"), libc::O_RDWR as usize]),
        case("openat of /proc/self/fd/0", libc::SYS_openat, &[HERE, at(c"/proc/self/fd/0")]),
        case("openat of /proc/PARENT/maps", libc::SYS_openat, &[HERE, parents_memory]),
        case("openat of /proc/PARENT/environ", libc::SYS_openat, &[HERE, parents_environment]),
        case("openat of /dev/urandom", libc::SYS_openat, &[HERE, at(c"/dev/urandom")]),
        case("stat", libc::SYS_stat, &[passwd, 0]),
        case("newfstatat", libc::SYS_newfstatat, &[HERE, passwd, 0, 0]),
        case("statx", libc::SYS_statx, &[HERE, passwd, 0, 0, 0]),
        case("access", libc::SYS_access, &[passwd, 0]),
        case("faccessat2", libc::SYS_faccessat2, &[HERE, passwd]),
        case("readlink of /proc/self/exe", libc::SYS_readlink, &[at(c"/proc/self/exe"), 0, 8]),
        case("getcwd", libc::SYS_getcwd, &[0, 0]),
        case("chdir", libc::SYS_chdir, &[at(c"/")]),
        case("mkdir", libc::SYS_mkdir, &[at(NOWHERE), 0o700]),
        case("mknod of a device", libc::SYS_mknod, &[at(NOWHERE), (libc::S_IFCHR | 0o600) as usize, 0x101]),
        case("link", libc::SYS_link, &[passwd, at(NOWHERE)]),
        case("linkat", libc::SYS_linkat, &[HERE, passwd, HERE, at(NOWHERE)]),
        case("symlink", libc::SYS_symlink, &[passwd, at(NOWHERE)]),
        case("rename", libc::SYS_rename, &[at(NOWHERE), at(NOWHERE)]),
        case("renameat2", libc::SYS_renameat2, &[HERE, at(NOWHERE), HERE, at(NOWHERE)]),
        case("unlink", libc::SYS_unlink, &[at(NOWHERE)]),
        case("truncate", libc::SYS_truncate, &[at(NOWHERE), 0]),
        case("chmod", libc::SYS_chmod, &[at(NOWHERE), 0o777]),
        case("fchmod", libc::SYS_fchmod, &[NOBODY, 0o777]),
        case("chown", libc::SYS_chown, &[at(NOWHERE), 0, 0]),
        case("setxattr", libc::SYS_setxattr, &[at(NOWHERE), at(c"user.a"), room(), 1, 0]),
        case("inotify_init1", libc::SYS_inotify_init1, &[0]),
        case("fanotify_init", libc::SYS_fanotify_init, &[0, 0]),
        case("name_to_handle_at", libc::SYS_name_to_handle_at, &[HERE, passwd, 0, 0, 0]),
        case("open_by_handle_at", libc::SYS_open_by_handle_at, &[HERE, room(), 0]),
        case("getdents64", libc::SYS_getdents64, &[0, 0, 0]),
    ]
}

fn sockets() -> Vec<Case> {
    let socket = |name: &str, family: i32, kind: i32| case(name, libc::SYS_socket, &[family as usize, kind as usize]);
    vec![
        socket("socket of IPv4", libc::AF_INET, libc::SOCK_STREAM),
        socket("socket of IPv6", libc::AF_INET6, libc::SOCK_DGRAM),
        socket("socket of Unix", libc::AF_UNIX, libc::SOCK_STREAM),
        socket("socket of netlink", libc::AF_NETLINK, libc::SOCK_RAW),
        socket("socket of packets", libc::AF_PACKET, libc::SOCK_RAW),
        socket("socket of vsock", libc::AF_VSOCK, libc::SOCK_STREAM),
        socket("socket of cryptography", libc::AF_ALG, libc::SOCK_SEQPACKET),
        case("socketpair", libc::SYS_socketpair, &[libc::AF_UNIX as usize, libc::SOCK_STREAM as usize]),
        case("connect", libc::SYS_connect, &[0, room(), 16]),
        case("bind", libc::SYS_bind, &[0, room(), 16]),
        case("listen", libc::SYS_listen, &[0, 1]),
        case("accept4", libc::SYS_accept4, &[0, 0, 0, 0]),
        case("sendto with a name", libc::SYS_sendto, &[0, room(), 1, 0, room(), 16]),
        case("setsockopt", libc::SYS_setsockopt, &[0, libc::SOL_SOCKET as usize, libc::SO_PASSCRED as usize, room(), 4]),
        case("getsockopt", libc::SYS_getsockopt, &[0, libc::SOL_SOCKET as usize, libc::SO_PEERCRED as usize, 0, 0]),
    ]
}

fn processes(parent: usize) -> Vec<Case> {
    let child = libc::SIGCHLD as usize;
    let user_namespace = libc::CLONE_NEWUSER as usize;
    let thread = libc::CLONE_VM | libc::CLONE_FS | libc::CLONE_FILES | libc::CLONE_SIGHAND | libc::CLONE_THREAD;
    let own_files = (libc::CLONE_VM | libc::CLONE_SIGHAND | libc::CLONE_NEWNS) as usize;
    vec![
        case("fork", libc::SYS_fork, &[]),
        case("vfork", libc::SYS_vfork, &[]),
        case("clone of a process", libc::SYS_clone, &[child]),
        case("clone with CLONE_NEWUSER", libc::SYS_clone, &[user_namespace | child]),
        case("clone of a thread with CLONE_NEWUSER", libc::SYS_clone, &[thread as usize | user_namespace]),
        case("clone with memory and mounts", libc::SYS_clone, &[own_files]),
        case("clone3", libc::SYS_clone3, &[room(), 64]),
        case("execve", libc::SYS_execve, &[at(NOWHERE), 0, 0]),
        case("execveat of a path", libc::SYS_execveat, &[HERE, at(NOWHERE), 0, 0, 0]),
        case("execveat of a descriptor", libc::SYS_execveat, &[0, at(c""), 0, 0, libc::AT_EMPTY_PATH as usize]),
        case("ptrace of the parent", libc::SYS_ptrace, &[libc::PTRACE_SEIZE as usize, parent]),
        case("ptrace by the parent", libc::SYS_ptrace, &[libc::PTRACE_TRACEME as usize]),
        case("process_vm_readv of the parent", libc::SYS_process_vm_readv, &[parent, room(), 1, room(), 1]),
        case("process_vm_writev of the parent", libc::SYS_process_vm_writev, &[parent, room(), 1, room(), 1]),
        case("process_madvise", libc::SYS_process_madvise, &[NOBODY, room(), 1]),
        case("kcmp of the parent", libc::SYS_kcmp, &[parent, parent]),
        case("kill of the parent", libc::SYS_kill, &[parent, 0]),
        case("kill of all", libc::SYS_kill, &[ALL, 0]),
        case("kill of the own group", libc::SYS_kill, &[0, 0]),
        case("tkill of the parent", libc::SYS_tkill, &[parent, 0]),
        case("tgkill of the parent", libc::SYS_tgkill, &[parent, parent, 0]),
        case("rt_sigqueueinfo to the parent", libc::SYS_rt_sigqueueinfo, &[parent, 0, room()]),
        case("rt_tgsigqueueinfo to the parent", libc::SYS_rt_tgsigqueueinfo, &[parent, parent, 0, room()]),
        case("pidfd_open of the parent", libc::SYS_pidfd_open, &[parent, 0]),
        case("pidfd_getfd", libc::SYS_pidfd_getfd, &[NOBODY, 0, 0]),
        case("pidfd_send_signal", libc::SYS_pidfd_send_signal, &[NOBODY, 0, 0, 0]),
        case("wait4", libc::SYS_wait4, &[ALL, 0, libc::WNOHANG as usize, 0]),
        case("setpriority of the parent", libc::SYS_setpriority, &[0, parent, 19]),
        case("ioprio_set of the parent", libc::SYS_ioprio_set, &[1, parent, 0]),
        case("sched_setaffinity of the parent", libc::SYS_sched_setaffinity, &[parent, 8, 0]),
        case("sched_setscheduler of the parent", libc::SYS_sched_setscheduler, &[parent, libc::SCHED_IDLE as usize, room()]),
        case("sched_setscheduler to SCHED_OTHER", libc::SYS_sched_setscheduler, &[0, libc::SCHED_OTHER as usize, room()]),
        case("sched_setattr of the parent", libc::SYS_sched_setattr, &[parent, 0, 0]),
        case("prlimit64 of the parent", libc::SYS_prlimit64, &[parent, libc::RLIMIT_CORE as usize, 0, 0]),
        case("setpgid", libc::SYS_setpgid, &[0, 0]),
        case("setsid", libc::SYS_setsid, &[]),
        case("getppid", libc::SYS_getppid, &[]),
        case("timer_create", libc::SYS_timer_create, &[1, 0, 0]),
        case("alarm", libc::SYS_alarm, &[0]),
    ]
}

fn privileges() -> Vec<Case> {
    let prctl = |name: &str, option: i32, value: usize| case(name, libc::SYS_prctl, &[option as usize, value]);
    vec![
        prctl("prctl PR_SET_DUMPABLE", libc::PR_SET_DUMPABLE, 1),
        prctl("prctl PR_SET_PDEATHSIG", libc::PR_SET_PDEATHSIG, 0),
        prctl("prctl PR_SET_PTRACER", libc::PR_SET_PTRACER, ALL),
        prctl("prctl PR_SET_KEEPCAPS", libc::PR_SET_KEEPCAPS, 1),
        prctl("prctl PR_SET_SECCOMP", libc::PR_SET_SECCOMP, 0),
        prctl("prctl PR_SET_MM", libc::PR_SET_MM, 0),
        prctl("prctl PR_SET_CHILD_SUBREAPER", libc::PR_SET_CHILD_SUBREAPER, 1),
        prctl("prctl PR_SET_NO_NEW_PRIVS", libc::PR_SET_NO_NEW_PRIVS, 0),
        case("setuid to root", libc::SYS_setuid, &[0]),
        case("setgid to root", libc::SYS_setgid, &[0]),
        case("setresuid to root", libc::SYS_setresuid, &[0, 0, 0]),
        case("setgroups", libc::SYS_setgroups, &[1, room()]),
        case("capset", libc::SYS_capset, &[room(), room()]),
        case("prlimit64 of its own limits", libc::SYS_prlimit64, &[0, libc::RLIMIT_CORE as usize, room(), 0]),
        case("setrlimit", libc::SYS_setrlimit, &[libc::RLIMIT_CORE as usize, room()]),
        case("personality", libc::SYS_personality, &[0xffff_ffff]),
        case("unshare of users", libc::SYS_unshare, &[libc::CLONE_NEWUSER as usize]),
        case("unshare of files", libc::SYS_unshare, &[libc::CLONE_FILES as usize]),
        case("setns", libc::SYS_setns, &[0, 0]),
        case("chroot", libc::SYS_chroot, &[at(c"/")]),
        case("mount", libc::SYS_mount, &[at(c"none"), at(NOWHERE), at(c"tmpfs"), 0, 0]),
        case("umount2", libc::SYS_umount2, &[at(NOWHERE), 0]),
        case("pivot_root", libc::SYS_pivot_root, &[at(NOWHERE), at(NOWHERE)]),
        case("open_tree", libc::SYS_open_tree, &[HERE, at(c"/"), 0]),
        case("move_mount", libc::SYS_move_mount, &[HERE, at(NOWHERE), HERE, at(NOWHERE), 0]),
        case("fsopen", libc::SYS_fsopen, &[at(c"tmpfs"), 0]),
        case("keyctl", libc::SYS_keyctl, &[0, signed(-3), 0]),
        case("add_key", libc::SYS_add_key, &[at(c"user"), at(c"skerry"), room(), 1, NOBODY]),
        case("request_key", libc::SYS_request_key, &[at(c"user"), at(c"skerry"), 0, 0]),
        case("seccomp with a filter", libc::SYS_seccomp, &[libc::SECCOMP_SET_MODE_FILTER as usize, 0, 0]),
        case("landlock_create_ruleset", libc::SYS_landlock_create_ruleset, &[0, 0, 1]),
        case("landlock_restrict_self", libc::SYS_landlock_restrict_self, &[NOBODY, 0]),
    ]
}

fn kernel() -> Vec<Case> {
    vec![
        case("io_uring_setup", libc::SYS_io_uring_setup, &[1, 0]),
        case("io_uring_enter", libc::SYS_io_uring_enter, &[NOBODY, 0, 0, 0, 0, 0]),
        case("userfaultfd", libc::SYS_userfaultfd, &[0]),
        case("perf_event_open", libc::SYS_perf_event_open, &[0, 0, ALL, ALL, 0]),
        case("bpf", libc::SYS_bpf, &[0, 0, 0]),
        case("kexec_load", libc::SYS_kexec_load, &[0, 0, 0, 0]),
        case("init_module", libc::SYS_init_module, &[0, 0, at(c"")]),
        case("finit_module", libc::SYS_finit_module, &[NOBODY, at(c""), 0]),
        case("delete_module", libc::SYS_delete_module, &[at(c"skerry-probe"), 0]),
        case("quotactl", libc::SYS_quotactl, &[0, 0, 0, 0]),
        case("swapon", libc::SYS_swapon, &[at(NOWHERE), 0]),
        // A wrong magic number.
        case("reboot", libc::SYS_reboot, &[0, 0, 0, 0]),
        case("syslog", libc::SYS_syslog, &[3, room(), 0]),
        case("sethostname", libc::SYS_sethostname, &[0, ALL]),
        case("settimeofday", libc::SYS_settimeofday, &[1, 0]),
        case("clock_settime", libc::SYS_clock_settime, &[0, 1]),
        case("adjtimex", libc::SYS_adjtimex, &[1]),
        case("iopl", libc::SYS_iopl, &[0]),
        case("ioperm", libc::SYS_ioperm, &[0, 1, 0]),
        case("modify_ldt", libc::SYS_modify_ldt, &[0, 0, 0]),
        case("arch_prctl", libc::SYS_arch_prctl, &[0x1004, 0]),
        case("acct", libc::SYS_acct, &[at(NOWHERE)]),
        case("shmget", libc::SYS_shmget, &[0, 0, 0]),
        case("shmat", libc::SYS_shmat, &[NOBODY, 0, 0]),
        case("msgget", libc::SYS_msgget, &[1, 0]),
        case("semget", libc::SYS_semget, &[1, 1, 0]),
        case("mq_open", libc::SYS_mq_open, &[at(c"skerry-probe"), 0, 0, 0]),
        case("memfd_secret", libc::SYS_memfd_secret, &[0]),
        case("mlockall", libc::SYS_mlockall, &[0]),
        case("mbind", libc::SYS_mbind, &[0, 0, 0, 0, 0, 0]),
        case("move_pages", libc::SYS_move_pages, &[0, 0, 0, 0, 0, 0]),
        case("pkey_alloc", libc::SYS_pkey_alloc, &[0, NOBODY]),
        case("uname", libc::SYS_uname, &[0]),
        // The numbering of programs with pointers of 32 bits.
        case("openat by its x32 number", libc::SYS_openat | 0x4000_0000, &[HERE, at(c"/etc/passwd")]),
    ]
}

fn descriptors() -> Vec<Case> {
    let not_there = |name: &str, arguments: &[usize]| Case { refusals: &[Errno::BADF], ..case(name, libc::SYS_fcntl, arguments) };
    let mut cases: Vec<_> = [3, 5, 7, 9, 200]
        .into_iter()
        .map(|other| not_there(&format!("descriptor {other}"), &[other, libc::F_GETFD as usize]))
        .collect();
    cases.extend([
        case("fcntl F_SETOWN of the parent's group", libc::SYS_fcntl, &[0, libc::F_SETOWN as usize, 1]),
        case("fcntl F_SETFL", libc::SYS_fcntl, &[0, libc::F_SETFL as usize, 0]),
        case("fcntl F_NOTIFY", libc::SYS_fcntl, &[0, libc::F_NOTIFY as usize, 0]),
        case("fcntl F_SETPIPE_SZ", libc::SYS_fcntl, &[0, libc::F_SETPIPE_SZ as usize, 1 << 20]),
        case("ioctl TIOCSTI", libc::SYS_ioctl, &[0, libc::TIOCSTI as usize, room()]),
        case("ioctl FIONREAD", libc::SYS_ioctl, &[0, libc::FIONREAD as usize, 0]),
        case("dup2 over the channel", libc::SYS_dup2, &[1, 0]),
        case("vmsplice", libc::SYS_vmsplice, &[1, 0, 0, 0]),
        case("splice", libc::SYS_splice, &[0, 0, 1, 0, 0, 0]),
        case("sendmmsg", libc::SYS_sendmmsg, &[0, room(), 1, 0]),
        case("signalfd4", libc::SYS_signalfd4, &[ALL, room(), 8, 0]),
        case("timerfd_create", libc::SYS_timerfd_create, &[1, 0]),
    ]);
    cases
}
