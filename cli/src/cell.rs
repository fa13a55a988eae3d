//! A process that the others start for themselves: nobody types this.

use std::io::Read;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use skerry_edge::cells;
use skerry_edge::cells::sandbox::{self, Options};

#[derive(Args)]
pub(crate) struct CellArgs {
    /// Try from within the sandbox what it is there to refuse, print how each attempt ended, and wait for the end of the input.
    #[arg(long)]
    probe: bool,
}

pub(crate) fn run(args: &CellArgs) -> Result<()> {
    if args.probe { probe() } else { Ok(cells::run()?) }
}

fn probe() -> Result<()> {
    let parent = std::os::unix::process::parent_id();
    sandbox::enter_start(&Options::default())?;
    // A thread that is there before the second filter, as those of V8 are.
    let (attempt, attempts) = std::sync::mpsc::sync_channel::<()>(0);
    let other = std::thread::spawn(move || {
        let _work_may_begin = attempts.recv();
        sandbox::probe(parent)
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().context("no runtime in the sandbox")?;
    sandbox::enter_work()?;
    runtime.block_on(async { tokio::time::sleep(Duration::from_millis(1)).await });
    drop(attempt);
    let of_other = other.join().map_err(|_| anyhow::anyhow!("the other thread panicked"))?;
    for attempt in sandbox::probe(parent).iter().chain(&of_other) {
        println!("{attempt}");
    }
    println!("done");
    std::io::stdin().read_to_end(&mut Vec::new()).context("the input could not be read")?;
    Ok(())
}
