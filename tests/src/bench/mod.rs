//! Rows that set our figures beside workerd's and a floor's, all taken in the same run: machines are shared and noisy, so
//! only ratios within a run say something.
//!
//! Owns: the rows, the peer's installation, the floors, the report. Refuses: judging correctness beyond "all give the same
//! answer", which is what the specs are for.

mod blast;
mod cell_hello;
mod cell_start;
mod cold;
mod connection;
mod density;
mod deploy;
mod evict;
mod figures;
mod fleet;
mod floor;
mod goal;
mod load;
mod machine;
mod neighbour;
mod node_base;
mod objects;
mod paced;
mod peer;
mod process;
mod report;
mod start;
mod stream;
mod subject;
mod tenants;
mod wrk;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand, ValueEnum};

use goal::Outcome;
use report::Report;
use subject::{Isolation, Subjects};

/// Measure the skerry binary beside workerd and a bare hyper server.
#[derive(Parser)]
#[command(name = "bench", args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
struct Cli {
    #[command(subcommand)]
    hidden: Option<Hidden>,

    /// What to measure.
    #[arg(required = true, value_name = "ROW")]
    rows: Vec<Row>,

    /// Also write the results to this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// Rounds of each row; in every round all servers have their turn, one after the other.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,

    /// How long each server is measured in a round (`warm-*`, `cell-hello`, `stream`, `neighbour`, `blast`, `object-read` and `object-write`).
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,

    /// Where isolates of skerry run, in rows that are not about cells.
    #[arg(long, value_enum, default_value_t)]
    isolation: Isolation,

    /// How many workers are visited (`cold-*`, `density`, `node-base` and `evict`; each row has its own default; for `deploy` how many deploys, for
    /// `object-start` and `object-scale` how many objects, for `websocket` how many sockets).
    #[arg(long, value_parser = clap::value_parser!(u32).range(10..))]
    workers: Option<u32>,
}

#[derive(Subcommand)]
enum Hidden {
    /// A server the bench compares with or fetches from, in a process of its own.
    #[command(hide = true)]
    Serve(floor::ServeArgs),
    /// Appends to a file and forces it to the disk, over and over.
    #[command(hide = true)]
    Fsync(objects::FsyncArgs),
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Row {
    WarmHello,
    WarmJson,
    Stream,
    Start,
    ColdSmall,
    ColdLarge,
    Density,
    Neighbour,
    NodeBase,
    Evict,
    Deploy,
    CellHello,
    CellStart,
    Blast,
    ObjectRead,
    ObjectWrite,
    ObjectStart,
    ObjectScale,
    Websocket,
}

impl Row {
    /// These say by their name where isolates run.
    fn is_about_cells(self) -> bool {
        matches!(self, Self::CellHello | Self::CellStart | Self::Blast)
    }
}

/// How much is measured.
#[derive(Clone, Copy)]
struct Effort {
    rounds: u32,
    seconds: u32,
    workers: Option<u32>,
}

pub(crate) fn run() -> Result<()> {
    let cli = Cli::parse();
    match cli.hidden {
        Some(Hidden::Serve(args)) => return floor::serve(&args),
        Some(Hidden::Fsync(args)) => return objects::fsync(&args),
        None => {}
    }
    let effort = Effort { rounds: cli.rounds, seconds: cli.seconds, workers: cli.workers };
    if let Some(file) = &cli.json {
        // Now, rather than after minutes of measuring.
        std::fs::write(file, "[]\n").with_context(|| format!("cannot write {}: choose another --json FILE", file.display()))?;
    }
    if cli
        .rows
        .iter()
        .any(|row| matches!(row, Row::WarmHello | Row::WarmJson | Row::CellHello | Row::ObjectRead | Row::ObjectWrite))
    {
        wrk::version()?;
    }
    let subjects = Subjects::prepare(cli.isolation)?;
    let mut report = Report::new(machine::Machine::read(), subjects.versions()?);
    report.print_head(effort);
    for row in cli.rows {
        let isolation = if row.is_about_cells() { Isolation::Cells } else { cli.isolation };
        let subjects = subjects.with(isolation);
        let outcomes = match row {
            Row::WarmHello => vec![load::warm_hello(&subjects, effort)?],
            Row::WarmJson => vec![load::warm_json(&subjects, effort)?],
            Row::Stream => stream::run(&subjects, effort)?,
            Row::Start => vec![start::run(&subjects, effort)?],
            Row::ColdSmall => cold::small(&subjects, effort)?,
            Row::ColdLarge => cold::large(&subjects, effort)?,
            Row::Density => density::run(&subjects, effort)?,
            Row::Neighbour => neighbour::run(&subjects, effort)?,
            Row::NodeBase => node_base::run(&subjects, effort)?,
            Row::Evict => vec![evict::run(&subjects, effort)?],
            Row::Deploy => vec![deploy::run(effort, isolation)?],
            Row::CellHello => cell_hello::run(&subjects, effort)?,
            Row::CellStart => cell_start::run(&subjects, effort)?,
            Row::Blast => blast::run(&subjects, effort)?,
            Row::ObjectRead => objects::read(&subjects, effort)?,
            Row::ObjectWrite => objects::write(&subjects, effort)?,
            Row::ObjectStart => objects::start(&subjects, effort)?,
            Row::ObjectScale => objects::scale(&subjects, effort)?,
            Row::Websocket => objects::websocket(&subjects, effort)?,
        };
        for outcome in outcomes {
            report.add(Outcome { isolation, ..outcome });
        }
        // After every row, so that a later failure loses nothing.
        if let Some(file) = &cli.json {
            report.write(file)?;
        }
    }
    Ok(())
}
