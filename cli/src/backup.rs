//! `skerry backup`.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

#[derive(Args)]
pub struct BackupArgs {
    /// The folder that `skerry serve` or `skerry control` has; it may run.
    #[arg(long, value_name = "FOLDER")]
    data: PathBuf,
    /// The copy, which is not there yet. It has secrets in it, and their key.
    #[arg(value_name = "FOLDER")]
    target: PathBuf,
}

pub fn run(args: &BackupArgs) -> Result<()> {
    let done = skerry_control::backup(&args.data, &args.target)?;
    let target = args.target.display();
    println!(
        "{target}: {} KB copied; to restore, put its `control` folder into an empty --data folder",
        done.bytes.div_ceil(1000)
    );
    if let Some(first) = done.damaged.first() {
        let (first, count) = (first.display(), done.damaged.len());
        bail!("{count} modules are damaged and not in the copy ({first}): upload their versions again, or restore the files");
    }
    Ok(())
}
