//! A cell that is killed by its own doing says which isolate's thread it was, on the standard error: the front takes it for a hint.

use std::cell::Cell;
use std::ffi::c_int;

/// Before the number of the isolate and that of the signal.
pub(crate) const LAST_WORDS: &str = "skerry-cell last words: ";
const FATAL: [c_int; 6] = [libc::SIGABRT, libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGTRAP, libc::SIGFPE];

thread_local! {
    /// That of the isolate that lives on this thread; zero where none does.
    static ISOLATE: Cell<u32> = const { Cell::new(0) };
}

/// The calling thread is this isolate's from now on.
pub(super) fn set_isolate(number: u32) {
    ISOLATE.set(number);
}

/// From now on the process says it.
pub(super) fn listen() {
    for signal in FATAL {
        // SAFETY: all zeroes are an action without flags and mask.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        action.sa_sigaction = speak as *const () as usize;
        // On the stack that every thread of Rust has for it: its own may be what was used up. The second time it is the end.
        action.sa_flags = libc::SA_ONSTACK | libc::SA_RESETHAND | libc::SA_NODEFER;
        // SAFETY: the action lives through the call, and what it runs only does what may be done in a handler.
        unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) };
    }
}

/// May be called at any moment: takes no lock, and allocates nothing. What was fatal happens again after it.
extern "C" fn speak(signal: c_int) {
    let mut line = [0_u8; 64];
    let mut length = 0;
    let mut put = |bytes: &[u8]| {
        for byte in bytes {
            line[length] = *byte;
            length += 1;
        }
    };
    put(b"\n");
    put(LAST_WORDS.as_bytes());
    // Set without a destructor: there to the end.
    let isolate = ISOLATE.try_with(Cell::get).unwrap_or(0);
    put(&digits(isolate));
    put(b" ");
    put(&digits(u32::try_from(signal).unwrap_or(0)));
    put(b"\n");
    // SAFETY: so many bytes of the line are there.
    unsafe { libc::write(libc::STDERR_FILENO, line.as_ptr().cast(), length) };
}

/// Ten of them.
fn digits(mut number: u32) -> [u8; 10] {
    let mut digits = [b'0'; 10];
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
    digits
}

/// What a process has said last: the isolate, and the signal.
pub(crate) fn parse(said: &str) -> Option<(u32, c_int)> {
    let words = said.rsplit_once(LAST_WORDS)?.1.lines().next()?;
    let (isolate, signal) = words.split_once(' ')?;
    Some((isolate.parse().ok()?, signal.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_words_are_understood() {
        let said = format!("# Fatal error\n\n{LAST_WORDS}0000000012 0000000006\n");
        assert_eq!(parse(&said), Some((12, libc::SIGABRT)));
        assert_eq!(parse(&format!("{LAST_WORDS}x 6\n")), None);
        assert_eq!(parse("nothing"), None);
        assert_eq!(&digits(4_294_967_295), b"4294967295");
    }
}
