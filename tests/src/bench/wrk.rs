use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::machine;

const CONNECTIONS: usize = 64;

const MISSING: &str = "wrk does not start: install it with `apt-get install wrk`, or from https://github.com/wg/wrk";

/// One run of wrk.
#[derive(Debug, PartialEq)]
pub(crate) struct Load {
    pub(crate) requests: u64,
    pub(crate) per_second: f64,
    pub(crate) p99_ms: f64,
    /// Answers that were not 2xx or 3xx, and connections that failed.
    pub(crate) errors: u64,
}

pub(crate) fn version() -> Result<String> {
    // Ends with status 1 although it did as told.
    let output = Command::new("wrk").arg("-v").stdin(Stdio::null()).output().context(MISSING)?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.split(" Copyright").next().unwrap_or_default().trim().trim_start_matches("wrk ").to_owned())
}

/// Loads the server for some seconds; `script` is a Lua file, run in its own folder.
pub(crate) fn run(address: SocketAddr, seconds: u32, script: Option<&Path>) -> Result<Load> {
    run_with(address, seconds, script, &[])
}

/// The script gets the arguments.
pub(crate) fn run_with(address: SocketAddr, seconds: u32, script: Option<&Path>, args: &[&str]) -> Result<Load> {
    let mut command = Command::new("wrk");
    // It has to share the cores with the server: more threads than two would only get in its way.
    command.arg(format!("-t{}", machine::cores().min(2))).arg(format!("-c{CONNECTIONS}"));
    command.arg(format!("-d{seconds}s")).arg("--latency");
    if let Some(script) = script {
        command.arg("-s").arg(script).current_dir(script.parent().context("a script lies in a folder")?);
    }
    command.arg(format!("http://{address}/"));
    if !args.is_empty() {
        command.arg("--").args(args);
    }
    let output = command.stdin(Stdio::null()).output().context(MISSING)?;
    let printed = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "wrk failed:\n{printed}{}", String::from_utf8_lossy(&output.stderr));
    parse(&printed).with_context(|| format!("wrk printed something unknown, version 4.1 or 4.2 is expected:\n{printed}"))
}

fn parse(printed: &str) -> Option<Load> {
    let after = |name: &str| printed.lines().find_map(|line| line.trim().strip_prefix(name)).map(str::trim);
    let requests = printed.lines().find_map(|line| line.trim().split_once(" requests in ")?.0.parse().ok())?;
    let socket_errors = after("Socket errors:").unwrap_or_default();
    let socket_errors: u64 = socket_errors.split(',').filter_map(|part| part.split(' ').next_back()?.parse::<u64>().ok()).sum();
    let bad_answers = after("Non-2xx or 3xx responses:").and_then(|count| count.parse::<u64>().ok()).unwrap_or(0);
    Some(Load {
        requests,
        per_second: after("Requests/sec:")?.parse().ok()?,
        p99_ms: milliseconds(after("99%")?)?,
        errors: socket_errors + bad_answers,
    })
}

fn milliseconds(text: &str) -> Option<f64> {
    let unit_at = text.find(|letter: char| letter.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(unit_at);
    let factor = match unit {
        "us" => 0.001,
        "ms" => 1.0,
        "s" => 1_000.0,
        "m" => 60_000.0,
        _ => return None,
    };
    Some(number.parse::<f64>().ok()? * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "Running 5s test @ http://127.0.0.1:1/
  2 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   636.42us    1.05ms  24.15ms   93.88%
    Req/Sec    66.34k     5.17k   78.79k    68.00%
  Latency Distribution
     50%  420.00us
     99%    4.47ms
  660912 requests in 5.02s, 83.83MB read
";

    #[test]
    fn a_clean_run() {
        let load = parse(&format!("{PRINTED}Requests/sec: 131778.67\nTransfer/sec:     16.71MB\n"));
        assert_eq!(load, Some(Load { requests: 660_912, per_second: 131_778.67, p99_ms: 4.47, errors: 0 }));
    }

    #[test]
    fn errors_are_counted() {
        let trouble = "  Socket errors: connect 1, read 2, write 0, timeout 3\n  Non-2xx or 3xx responses: 10\n";
        let load = parse(&format!("{PRINTED}{trouble}Requests/sec: 131778.67\n"));
        assert_eq!(load.map(|load| load.errors), Some(16));
    }

    #[test]
    fn other_output_is_refused() {
        assert_eq!(parse("unable to connect"), None);
    }
}
