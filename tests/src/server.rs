use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::family;

/// How long anything is waited for.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// `skerry serve` on free ports, before the folder with its data.
pub const SERVE: [&str; 6] = ["serve", "--listen", "127.0.0.1:0", "--api", "127.0.0.1:0", "--data"];

/// A running `skerry`. Ended when dropped.
pub struct Server {
    child: Child,
    output: Arc<Output>,
    address: Option<SocketAddr>,
}

/// What the process has printed so far, standard output and error together.
#[derive(Default)]
struct Output {
    lines: Mutex<(Vec<String>, usize)>,
    changed: Condvar,
}

impl Server {
    /// Starts `skerry dev` on a free port and waits until it listens.
    pub fn start(path: &Path, args: &[&str]) -> Result<Self> {
        let mut server = Self::launch(path, args)?;
        server.address = Some(server.listening_address()?);
        Ok(server)
    }

    /// Starts `skerry edge` and waits until it serves.
    pub fn start_edge(config: &Path, args: &[&str]) -> Result<Self> {
        Self::launch_edge(config, args)?.serving()
    }

    /// Starts `skerry edge` with something more in its environment and waits until it serves.
    pub fn start_edge_with(config: &Path, args: &[&str], variables: &[(&str, &str)]) -> Result<Self> {
        let mut command = Command::new(crate::binary());
        command.arg("edge").arg("--config").arg(config).args(args).envs(variables.iter().copied());
        Self::spawn(command)?.serving()
    }

    /// Waits until `skerry edge` serves.
    pub fn serving(mut self) -> Result<Self> {
        let served_at = |line: &str| line.split("served on http://").nth(1)?.parse().ok();
        let find = |lines: &[String]| lines.iter().find_map(|line| served_at(line));
        let address = self.output.wait(find).with_context(|| format!("the node did not start:\n{}", self.printed()))?;
        self.address = Some(address);
        Ok(self)
    }

    /// Starts `skerry edge` without waiting.
    pub fn launch_edge(config: &Path, args: &[&str]) -> Result<Self> {
        let mut command = Command::new(crate::binary());
        command.arg("edge").arg("--config").arg(config).args(args);
        Self::spawn(command)
    }

    /// Starts `skerry dev` without waiting, on a free port if the arguments name none.
    pub fn launch(path: &Path, args: &[&str]) -> Result<Self> {
        let port: &[&str] = if args.contains(&"--port") { &[] } else { &["--port", "0"] };
        Self::launch_as_it_is(path, &[args, port].concat())
    }

    /// Starts `skerry dev` without waiting, on the port that it chooses.
    pub fn launch_as_it_is(path: &Path, args: &[&str]) -> Result<Self> {
        let mut command = Command::new(crate::binary());
        command.arg("dev").arg(path).args(args);
        Self::spawn(command)
    }

    /// Starts `skerry` with these arguments, without waiting.
    pub fn launch_command(args: &[&str]) -> Result<Self> {
        let mut command = Command::new(crate::binary());
        command.args(args);
        Self::spawn(command)
    }

    /// The address behind a text that is printed.
    pub fn address_behind(&self, text: &str) -> Result<SocketAddr> {
        let find = |lines: &[String]| lines.iter().find_map(|line| line.split_once(text)?.1.trim().parse().ok());
        self.output.wait(find).with_context(|| format!("no address was printed behind {text:?}:\n{}", self.printed()))
    }

    /// Starts `skerry serve` on free ports without waiting.
    pub fn launch_serve(data: &Path) -> Result<Self> {
        let mut command = Command::new(crate::binary());
        command.args(SERVE).arg(data);
        Self::spawn(command)
    }

    /// Starts `skerry` as a service manager does that holds its sockets: two of them at most, each with its name.
    pub fn launch_inheriting(args: &[&str], sockets: &[(&str, &TcpListener)]) -> Result<Self> {
        let numbers = ["3<&0", "4<&1"];
        let names: Vec<_> = sockets.iter().map(|(name, _)| *name).collect();
        // The shell has the number of the process that it becomes.
        let script = format!(
            "exec {} </dev/null >&2; LISTEN_PID=$$ LISTEN_FDS={} LISTEN_FDNAMES={} exec \"$0\" \"$@\"",
            numbers[..sockets.len()].join(" "),
            sockets.len(),
            names.join(":")
        );
        let mut command = Command::new("bash");
        command.args(["-c", &script]).arg(crate::binary()).args(args);
        let handed = |index: usize| -> Result<Stdio> {
            let Some((_, socket)) = sockets.get(index) else { return Ok(Stdio::null()) };
            Ok(Stdio::from(OwnedFd::from(socket.try_clone()?)))
        };
        Self::follow(command.stdin(handed(0)?).stdout(handed(1)?))
    }

    /// Starts a command that ends as `skerry`.
    pub fn spawn(mut command: Command) -> Result<Self> {
        Self::follow(command.stdin(Stdio::null()).stdout(Stdio::piped()))
    }

    fn follow(command: &mut Command) -> Result<Self> {
        let mut child = command.stderr(Stdio::piped()).spawn().context("the binary does not start")?;
        let output = Arc::new(Output::default());
        let err = child.stderr.take().context("no output")?;
        match child.stdout.take() {
            Some(out) => output.follow(BufReader::new(out)),
            None => output.follow(std::io::empty()),
        }
        output.follow(BufReader::new(err));
        Ok(Self { child, output, address: None })
    }

    fn listening_address(&self) -> Result<SocketAddr> {
        let find = |lines: &[String]| {
            lines.iter().find_map(|line| line.split("on http://").nth(1)?.split([' ', ';']).next()?.parse().ok())
        };
        self.output.wait(find).with_context(|| format!("the server did not start:\n{}", self.printed()))
    }

    /// Where it listens; known once `start` has returned.
    pub fn address(&self) -> SocketAddr {
        self.address.unwrap_or_else(|| panic!("the server was launched without waiting for its address"))
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn printed(&self) -> String {
        self.output.lines.lock().map_or_else(|_| String::new(), |lines| lines.0.join("\n"))
    }

    /// Waits until a printed line contains the text.
    pub fn wait_for(&self, text: &str) -> Result<String> {
        self.wait_for_count(text, 1)
    }

    /// Waits until so many printed lines contain the text; returns the last of them.
    pub fn wait_for_count(&self, text: &str, count: usize) -> Result<String> {
        let find = |lines: &[String]| lines.iter().filter(|line| line.contains(text)).nth(count - 1).cloned();
        self.output.wait(find).with_context(|| format!("{text:?} was not printed {count} times:\n{}", self.printed()))
    }

    /// Sends a signal by name, such as "INT".
    pub fn signal(&self, name: &str) -> Result<()> {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.pid().to_string()]).status()?;
        anyhow::ensure!(sent.success(), "the signal {name} could not be sent");
        Ok(())
    }

    /// Waits for the process to end by itself; its exit code and all it printed.
    pub fn exit(mut self) -> Result<(i32, String)> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                self.output.wait_for_end();
                return Ok((status.code().unwrap_or(-1), self.printed()));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        bail!("the process did not end:\n{}", self.printed())
    }

    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Resident memory in bytes, of the process and those that it has started.
    pub fn resident_bytes(&self) -> u64 {
        family::resident_bytes(self.pid())
    }

    /// The processes that isolates run in, where they have some.
    pub fn cells(&self) -> Vec<u32> {
        family::children(self.pid())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _may_have_ended = self.child.kill();
        let _status = self.child.wait();
    }
}

impl Output {
    fn follow(self: &Arc<Self>, source: impl BufRead + Send + 'static) {
        let output = self.clone();
        std::thread::spawn(move || {
            for line in source.lines().map_while(Result::ok) {
                if let Ok(mut lines) = output.lines.lock() {
                    lines.0.push(line);
                }
                output.changed.notify_all();
            }
            if let Ok(mut lines) = output.lines.lock() {
                lines.1 += 1;
            }
            output.changed.notify_all();
        });
    }

    fn wait<T>(&self, find: impl Fn(&[String]) -> Option<T>) -> Option<T> {
        let deadline = Instant::now() + PATIENCE;
        let mut lines = self.lines.lock().ok()?;
        loop {
            if let Some(found) = find(&lines.0) {
                return Some(found);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            // Both streams closed: nothing more will come.
            if left.is_zero() || lines.1 == 2 {
                return None;
            }
            lines = self.changed.wait_timeout(lines, left).ok()?.0;
        }
    }

    fn wait_for_end(&self) {
        self.wait(|_| None::<()>);
    }
}
