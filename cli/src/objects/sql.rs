//! `skerry objects sql`.

use clap::Args;
use serde_json::{Map, Value as Json, json};
use skerry_edge::object_tool::{self, Moment, Rows, SqlValue};

use super::read::bookmark_at;
use super::which::Which;
use super::{Shared, moment, shown};
use crate::client::Done;
use crate::client::out::Out;

#[derive(Args)]
pub(super) struct SqlArgs {
    #[command(flatten)]
    which: Which,
    /// Statements, of which the last one's rows are printed.
    #[arg(value_name = "SQL")]
    sql: String,
    /// It may write. The node must be stopped.
    #[arg(long, conflicts_with = "at")]
    write: bool,
    /// On what was: a bookmark of the object, a time (2026-11-22T10:00:00Z), or how long ago (-30s, -10m, -2h, -3d).
    #[arg(long, value_name = "BOOKMARK|TIME", value_parser = moment::parse, allow_hyphen_values = true)]
    at: Option<Moment>,
    /// How many rows are printed.
    #[arg(long, value_name = "COUNT", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    limit: u32,
    #[command(flatten)]
    pub shared: Shared,
}

pub(super) async fn run(args: &SqlArgs, out: &Out) -> Done {
    let limit = args.limit as usize;
    let kept = args.shared.open().await?;
    let known = args.which.find(&kept).await?;
    let id = known.object.id;
    let found = if args.write {
        drop(kept);
        object_tool::write(&args.shared.folder()?, id, &args.sql, limit).await?
    } else {
        let at = bookmark_at(&kept, &known, args.at.as_ref()).await?;
        kept.query(id, at.as_deref(), &args.sql, limit).await?
    };
    print(&found, out);
    let row = |row: &Vec<SqlValue>| Json::Array(row.iter().map(to_json).collect());
    Ok(json!({ "columns": found.columns, "rows": found.rows.iter().map(row).collect::<Vec<_>>(), "has_more": found.has_more }))
}

fn print(found: &Rows, out: &Out) {
    if found.columns.is_empty() {
        return;
    }
    let heads: Vec<_> = found.columns.iter().map(|name| shown::plain(name)).collect();
    let heads: Vec<_> = heads.iter().map(String::as_str).collect();
    let rows: Vec<_> = found.rows.iter().map(|row| row.iter().map(cell).collect()).collect();
    for line in shown::table(&heads, &rows) {
        out.say(&line);
    }
    if found.has_more {
        out.say("... and more rows: --limit");
    }
}

/// The text that a value is, if it is one.
pub(super) fn text(value: &SqlValue) -> Option<String> {
    match value {
        SqlValue::Text(text) => Some(text.clone()),
        _ => None,
    }
}

fn cell(value: &SqlValue) -> String {
    match value {
        SqlValue::Null => "NULL".to_owned(),
        SqlValue::Integer(number) => number.to_string(),
        SqlValue::Real(number) => format!("{number:?}"),
        SqlValue::Text(text) => shown::plain(text),
        SqlValue::Blob(bytes) => format!("x'{}'", hex(bytes)),
    }
}

/// Bytes as an object with their digits: no other value is one. A number that JSON has not is null.
fn to_json(value: &SqlValue) -> Json {
    match value {
        SqlValue::Null => Json::Null,
        SqlValue::Integer(number) => json!(number),
        SqlValue::Real(number) => json!(number),
        SqlValue::Text(text) => json!(text),
        SqlValue::Blob(bytes) => Json::Object(Map::from_iter([("hex".to_owned(), json!(hex(bytes)))])),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
