//! `calls.txt`, as data.

use std::collections::BTreeMap;

use seccompiler::{SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompRule};

use super::SandboxError;

const TEXT: &str = include_str!("calls.txt");

/// When a call may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum When {
    Both,
    Start,
    Absent,
}

/// A line of the list.
#[derive(Debug)]
pub(super) struct Call {
    #[cfg(test)]
    name: &'static str,
    number: i64,
    when: When,
    conditions: Vec<Condition>,
}

/// What an argument must be: one of the values.
#[derive(Debug)]
struct Condition {
    argument: u8,
    length: SeccompCmpArgLen,
    values: Vec<u64>,
}

/// Of each call the rules of which one must hold; none where all do.
pub(super) type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// The list, in its order.
pub(super) fn list() -> Result<Vec<Call>, SandboxError> {
    let lines = TEXT.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(number, line)| Call::parse(line).map_err(|reason| SandboxError::Calls { line: number, reason }))
        .collect()
}

/// The rules of the calls that are listed with one of `whens`.
pub(super) fn rules(calls: &[Call], whens: &[When]) -> Result<Rules, SandboxError> {
    let mut rules = Rules::new();
    for call in calls.iter().filter(|call| whens.contains(&call.when)) {
        rules.entry(call.number).or_default().extend(call.rules()?);
    }
    Ok(rules)
}

impl Call {
    fn parse(line: &'static str) -> Result<Self, String> {
        let (rule, reason) = line.split_once(':').ok_or("it has no reason")?;
        if reason.trim().is_empty() {
            return Err("its reason is empty".into());
        }
        let (name, rest) = rule.split_once(char::is_whitespace).ok_or("it does not say when")?;
        let rest = rest.trim();
        let (when, conditions) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let when = match when {
            "both" => When::Both,
            "start" => When::Start,
            "absent" => When::Absent,
            _ => return Err(format!("{when:?} is neither both, nor start, nor absent")),
        };
        let conditions = conditions.split(',').map(str::trim).filter(|condition| !condition.is_empty());
        let conditions = conditions.map(Condition::parse).collect::<Result<_, _>>()?;
        let number = number_of(name).ok_or_else(|| format!("no call {name} is known"))?;
        Ok(Self {
            #[cfg(test)]
            name,
            number,
            when,
            conditions,
        })
    }

    /// One for each combination of values.
    fn rules(&self) -> Result<Vec<SeccompRule>, seccompiler::BackendError> {
        let mut combinations = vec![Vec::new()];
        for Condition { argument, length, values } in &self.conditions {
            let mut longer = Vec::new();
            for combination in &combinations {
                for value in values {
                    let mut combination: Vec<SeccompCondition> = combination.clone();
                    combination.push(SeccompCondition::new(*argument, length.clone(), SeccompCmpOp::Eq, *value)?);
                    longer.push(combination);
                }
            }
            combinations = longer;
        }
        combinations.into_iter().filter(|combination| !combination.is_empty()).map(SeccompRule::new).collect()
    }
}

impl Condition {
    fn parse(text: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace();
        let argument = words.next().and_then(|word| word.strip_prefix("arg")?.parse().ok());
        let argument = argument.ok_or_else(|| format!("{text:?} does not begin with an argument"))?;
        let (operator, values) = (words.next(), words.map(value_of).collect::<Result<Vec<_>, _>>()?);
        let (length, values) = match (operator, values.len()) {
            (Some("is"), 1) | (Some("in"), 2..) => (SeccompCmpArgLen::Dword, values),
            (Some("null"), 0) => (SeccompCmpArgLen::Qword, vec![0]),
            _ => return Err(format!("{text:?} is no condition")),
        };
        Ok(Self { argument, length, values })
    }
}

/// Of names joined by `|`, or of a number.
fn value_of(text: &str) -> Result<u64, String> {
    let parts = text.split('|').map(|name| constant(name).ok_or_else(|| format!("no value {name} is known")));
    parts.sum()
}

macro_rules! constants {
    ($name:expr, $($constant:ident)*) => {
        match $name {
            $(stringify!($constant) => Some(libc::$constant as u64),)*
            number => number.parse().ok(),
        }
    };
}

fn constant(name: &str) -> Option<u64> {
    if name == "PID" {
        return Some(std::process::id().into());
    }
    constants!(name,
        CLONE_VM CLONE_FS CLONE_FILES CLONE_SIGHAND CLONE_THREAD CLONE_SYSVSEM CLONE_SETTLS CLONE_PARENT_SETTID CLONE_CHILD_CLEARTID
        F_GETFD F_SETFD F_GETFL F_DUPFD_CLOEXEC F_ADD_SEALS F_GET_SEALS
        PR_SET_NAME PR_SET_THP_DISABLE PR_SET_NO_NEW_PRIVS
        SCHED_IDLE SECCOMP_SET_MODE_FILTER
    )
}

macro_rules! numbers {
    ($name:expr, $($call:ident = $number:ident)*) => {
        match $name {
            $(stringify!($call) => Some(libc::$number),)*
            _ => None,
        }
    };
}

fn number_of(name: &str) -> Option<i64> {
    // What only older machines have.
    #[cfg(target_arch = "x86_64")]
    match name {
        "poll" => return Some(libc::SYS_poll),
        "epoll_wait" => return Some(libc::SYS_epoll_wait),
        _ => {}
    }
    numbers!(name,
        mmap = SYS_mmap munmap = SYS_munmap mprotect = SYS_mprotect pkey_mprotect = SYS_pkey_mprotect pkey_alloc = SYS_pkey_alloc
        madvise = SYS_madvise brk = SYS_brk
        clone = SYS_clone clone3 = SYS_clone3 set_robust_list = SYS_set_robust_list rseq = SYS_rseq futex = SYS_futex
        sched_yield = SYS_sched_yield sched_getaffinity = SYS_sched_getaffinity sched_setscheduler = SYS_sched_setscheduler
        sched_getparam = SYS_sched_getparam sched_getscheduler = SYS_sched_getscheduler
        gettid = SYS_gettid getpid = SYS_getpid prctl = SYS_prctl seccomp = SYS_seccomp
        exit = SYS_exit exit_group = SYS_exit_group
        rt_sigaction = SYS_rt_sigaction rt_sigprocmask = SYS_rt_sigprocmask rt_sigreturn = SYS_rt_sigreturn
        sigaltstack = SYS_sigaltstack tgkill = SYS_tgkill restart_syscall = SYS_restart_syscall
        clock_gettime = SYS_clock_gettime clock_nanosleep = SYS_clock_nanosleep
        getrandom = SYS_getrandom
        read = SYS_read write = SYS_write writev = SYS_writev recvmsg = SYS_recvmsg sendmsg = SYS_sendmsg
        recvfrom = SYS_recvfrom sendto = SYS_sendto shutdown = SYS_shutdown ppoll = SYS_ppoll socketpair = SYS_socketpair
        epoll_create1 = SYS_epoll_create1 epoll_ctl = SYS_epoll_ctl eventfd2 = SYS_eventfd2
        memfd_create = SYS_memfd_create ftruncate = SYS_ftruncate lseek = SYS_lseek pread64 = SYS_pread64 pwrite64 = SYS_pwrite64
        fstat = SYS_fstat statx = SYS_statx fcntl = SYS_fcntl close = SYS_close
        sysinfo = SYS_sysinfo uname = SYS_uname prlimit64 = SYS_prlimit64
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_line_is_understood_and_there_once() -> Result<(), SandboxError> {
        let calls = list()?;
        let mut seen = BTreeSet::new();
        for call in &calls {
            assert!(seen.insert((call.name, call.when)), "{} is listed twice for {:?}", call.name, call.when);
            let is_absent = |when| when == When::Absent;
            assert!(
                calls.iter().filter(|other| other.name == call.name).all(|other| is_absent(other.when) == is_absent(call.when)),
                "{} is both there and not",
                call.name
            );
        }
        Ok(())
    }

    /// Both filters hold together from `enter_work` on: what the second lets through and the first does not would never be allowed.
    #[test]
    fn what_is_left_for_work_is_allowed_from_the_start() -> Result<(), SandboxError> {
        let calls = list()?;
        let start = rules(&calls, &[When::Both, When::Start, When::Absent])?;
        for (number, work) in rules(&calls, &[When::Both, When::Absent])? {
            let allowed =
                start.get(&number).ok_or(SandboxError::Calls { line: 0, reason: format!("{number} is not allowed") })?;
            assert!(allowed.is_empty() || work.iter().all(|rule| allowed.contains(rule)), "call {number}");
        }
        Ok(())
    }

    /// A call with conditions in one line and none in another would have no rules, or too few.
    #[test]
    fn a_call_has_conditions_in_all_its_lines_or_in_none() -> Result<(), SandboxError> {
        let calls = list()?;
        for call in &calls {
            let others = calls.iter().filter(|other| other.name == call.name);
            assert!(
                others.map(|other| other.conditions.is_empty()).all(|empty| empty == call.conditions.is_empty()),
                "{}",
                call.name
            );
        }
        Ok(())
    }

    #[test]
    fn what_cannot_be_understood_is_refused() {
        for (line, reason) in [
            ("read both", "no reason"),
            ("read both :", "empty"),
            ("read: the channel", "does not say when"),
            ("read now : the channel", "neither"),
            ("reed both : the channel", "no call reed"),
            ("fcntl both arg1 in F_GETFD : one value", "no condition"),
            ("fcntl both arg1 is F_GETFD F_SETFD : two values", "no condition"),
            ("fcntl both arg1 is F_GET : a value", "no value F_GET"),
            ("fcntl both 1 is F_GETFD : an argument", "an argument"),
        ] {
            let error = Call::parse(line).err().unwrap_or_default();
            assert!(error.contains(reason), "{line}: {error}");
        }
    }
}
