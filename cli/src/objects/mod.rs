//! `skerry objects`: what a node keeps of Durable Objects, for its operator.
//!
//! As with the commands of a developer, `--json` prints one JSON value; the end is 0 when it is done, 1 when it was refused or failed, and 2
//! when what was typed cannot be used.

mod moment;
mod read;
mod shown;
mod sql;
mod which;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;
use skerry_edge::object_tool::{KeptObjects, Moment, ToolError, restore};

use crate::client::Done;
use crate::client::failure::Failure;
use crate::client::out::Out;
use crate::start;
use which::Which;

#[derive(Args)]
pub struct ObjectsArgs {
    #[command(subcommand)]
    command: ObjectsCommand,
}

#[derive(Subcommand)]
enum ObjectsCommand {
    /// Objects with something stored, by their ids. The node may run.
    Ls(read::LsArgs),
    /// All about one object. The node may run.
    Show(read::ShowArgs),
    /// Run SQL on an object's database. The node may run, but with --write.
    Sql(sql::SqlArgs),
    /// Copy an object's database into a SQLite file. The node may run.
    Export(read::ExportArgs),
    /// Make an object what it was. The node must be stopped.
    Restore(RestoreArgs),
}

#[derive(Args)]
struct Shared {
    /// Where the objects are: the --data folder of `skerry serve` or of an edge, or `folder` of [objects]. Else .skerry of the project here.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct RestoreArgs {
    #[command(flatten)]
    which: Which,
    /// A bookmark of the object, a time (2026-11-22T10:00:00Z), or how long ago (-30s, -10m, -2h, -3d).
    #[arg(value_name = "BOOKMARK|TIME", value_parser = moment::parse, allow_hyphen_values = true)]
    to: Moment,
    #[command(flatten)]
    shared: Shared,
}

impl Shared {
    /// The folder that has the objects.
    fn folder(&self) -> Result<PathBuf, Failure> {
        let given = match &self.data {
            Some(folder) => folder.clone(),
            None => skerry_project::root_of(Path::new(".")).join(".skerry"),
        };
        let places = [given.clone(), given.join("objects"), given.join(".skerry").join("objects")];
        places.into_iter().find(|place| place.join("engine.db").is_file()).ok_or_else(|| {
            let given = given.display();
            Failure::usage(format!(
                "{given} holds no objects: give --data with the folder of `skerry serve`, of an edge, or of [objects]; or run it in a project of `skerry dev`"
            ))
        })
    }

    /// For reading, with room for databases where temporary files are.
    async fn open(&self) -> Result<KeptObjects, Failure> {
        Ok(KeptObjects::open(&self.folder()?, &std::env::temp_dir()).await?)
    }
}

impl From<ToolError> for Failure {
    fn from(error: ToolError) -> Self {
        let code = match &error {
            ToolError::InUse { .. } => "in_use",
            ToolError::Writes => return Self::usage(error.to_string()),
            ToolError::Sql(_) => "sql",
            _ => "failed",
        };
        Self::refused(code, error.to_string())
    }
}

async fn run_restore(args: &RestoreArgs, out: &Out) -> Done {
    let folder = args.shared.folder()?;
    let object = {
        let kept = args.shared.open().await?;
        args.which.find(&kept).await?
    };
    read::check_moment(&object, &args.to)?;
    let (to, undo) = restore(&folder, object.object.id, &args.to).await?;
    out.say(&format!("{} is as it was at {to}", shown::called(&object)));
    out.say(&format!("To undo it: skerry objects restore {} {undo} --data {}", object.object.id, folder.display()));
    Ok(json!({ "id": object.object.id.to_string(), "restored_to": to, "undo": undo.to_string() }))
}

pub fn run(args: &ObjectsArgs) -> ExitCode {
    let shared = match &args.command {
        ObjectsCommand::Ls(args) => &args.shared,
        ObjectsCommand::Show(args) => &args.shared,
        ObjectsCommand::Sql(args) => &args.shared,
        ObjectsCommand::Export(args) => &args.shared,
        ObjectsCommand::Restore(args) => &args.shared,
    };
    let out = Out::new(shared.json);
    let command = async {
        match &args.command {
            ObjectsCommand::Ls(args) => read::ls(args, &out).await,
            ObjectsCommand::Show(args) => read::show(args, &out).await,
            ObjectsCommand::Sql(args) => sql::run(args, &out).await,
            ObjectsCommand::Export(args) => read::export(args, &out).await,
            ObjectsCommand::Restore(args) => run_restore(args, &out).await,
        }
    };
    let done = match start::runtime() {
        Ok(runtime) => runtime.block_on(command),
        Err(error) => Err(Failure::failed(format!("{error:#}"))),
    };
    out.end(done)
}
