//! The `skerry` command: arguments, and the wiring of the other crates.
//!
//! Owns: what a person types and reads. Refuses: logic of its own.

#![forbid(unsafe_code)]

mod assembly;
mod backup;
mod cell;
mod client;
mod control;
mod dev;
mod edge;
mod ground;
mod objects;
mod printer;
mod serve;
mod sockets;
mod start;
mod tailed;
mod version;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[global_allocator]
static ALLOCATOR: skerry_edge::Allocator = skerry_edge::Allocator;

/// An edge runtime for JavaScript workers.
#[derive(Parser)]
#[command(name = "skerry", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve a worker on this machine and reload it as you type.
    Dev(dev::DevArgs),
    /// Serve the workers of a node: many, by host and path.
    Edge(edge::EdgeArgs),
    /// Take deploys, and let edges on other machines follow them.
    Control(control::ControlArgs),
    /// Take deploys and serve what is deployed, in one process with one folder of data.
    Serve(serve::ServeArgs),
    /// Copy what a control plane keeps, also while it serves.
    Backup(backup::BackupArgs),
    /// Look at Durable Objects that a node keeps, copy them, and take them back in time.
    Objects(objects::ObjectsArgs),
    /// Host isolates for the process that starts it.
    #[command(hide = true)]
    Cell(cell::CellArgs),
    #[command(flatten)]
    Client(client::ClientCommand),
}

/// Bad input: one line, and this exit code.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Dev(args) => dev::run(args),
        Command::Edge(args) => edge::run(&args),
        Command::Control(args) => control::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Backup(args) => backup::run(&args),
        Command::Objects(args) => return objects::run(&args),
        Command::Cell(args) => cell::run(&args),
        Command::Client(command) => return client::run(&command),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("skerry: {error:#}");
            ExitCode::from(USAGE)
        }
    }
}
