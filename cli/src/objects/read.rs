//! What reads: beside a node that runs, too.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use skerry_edge::ClassFigures;
use skerry_edge::object_store::{EngineError, Known, ObjectId};
use skerry_edge::object_tool::{KeptObjects, Moment, ToolError};

use super::which::{Which, name, of_class};
use super::{Shared, moment, shown};
use crate::client::Done;
use crate::client::failure::Failure;
use crate::client::out::Out;

/// Rows of the list of an object's tables.
const TABLES_MAX: usize = 10_000;

#[derive(Args)]
pub(super) struct LsArgs {
    /// Objects of this class alone: Room, or chat/Room where several workers have one.
    #[arg(long, value_name = "CLASS")]
    class: Option<String>,
    /// The classes instead of the objects: how many there are, and what they take.
    #[arg(long, conflicts_with_all = ["class", "limit", "after"])]
    classes: bool,
    /// How many.
    #[arg(long, value_name = "COUNT", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// Those behind this one: the next page.
    #[arg(long, value_name = "ID")]
    after: Option<String>,
    #[command(flatten)]
    pub shared: Shared,
}

#[derive(Args)]
pub(super) struct ShowArgs {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    pub shared: Shared,
}

#[derive(Args)]
pub(super) struct ExportArgs {
    #[command(flatten)]
    which: Which,
    /// The SQLite file, which is not there yet. It is there whole, or not at all.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// As it was: a bookmark of the object, a time (2026-11-22T10:00:00Z), or how long ago (-30s, -10m, -2h, -3d).
    #[arg(long, value_name = "BOOKMARK|TIME", value_parser = moment::parse, allow_hyphen_values = true)]
    at: Option<Moment>,
    #[command(flatten)]
    pub shared: Shared,
}

fn class_of<'c>(classes: &'c [ClassFigures], known: &Known) -> Option<&'c ClassFigures> {
    classes.iter().find(|class| class.namespace == known.object.namespace)
}

/// What programs get of an object.
fn summary(classes: &[ClassFigures], known: &Known) -> Value {
    let of = class_of(classes, known).map(|class| class.name.clone()).unwrap_or_default();
    let text = |text: String| Some(text).filter(|text| !text.is_empty());
    json!({
        "id": known.object.id.to_string(),
        "name": known.object.name,
        "namespace": known.object.namespace,
        "account": text(of.account),
        "worker": text(of.worker),
        "class": text(of.class),
        "bytes": known.storage_bytes,
        "created": moment::shown(known.created_ms),
        "last_write": moment::shown(known.changed_ms),
        "alarm": known.alarm_ms.map(moment::shown),
    })
}

pub(super) async fn ls(args: &LsArgs, out: &Out) -> Done {
    let kept = args.shared.open().await?;
    let classes = kept.classes().await?;
    if args.classes {
        return Ok(ls_classes(&classes, out));
    }
    let wanted = match &args.class {
        Some(class) => of_class(&kept, Some(class)).await?.pop(),
        None => None,
    };
    let after: Option<ObjectId> = match &args.after {
        Some(text) => Some(text.parse().map_err(|error| Failure::usage(format!("--after {text}: {error}")))?),
        None => None,
    };
    let limit = args.limit as usize;
    let listed = kept.reader().objects(wanted.as_ref().map(|class| class.namespace.as_str()), after, limit + 1).await;
    let mut listed = listed.map_err(|error| ToolError::from(EngineError::from(error)))?;
    let has_more = listed.len() > limit;
    listed.truncate(limit);
    let next = listed.last().filter(|_| has_more).map(|known| known.object.id.to_string());
    let row = |known: &Known| {
        vec![
            known.object.id.to_string(),
            class_of(&classes, known).map_or_else(|| known.object.namespace.clone(), name),
            shown::bytes(known.storage_bytes),
            moment::shown(known.changed_ms),
            known.alarm_ms.map_or_else(|| "-".to_owned(), moment::shown),
            known.object.name.as_deref().map_or_else(|| "-".to_owned(), shown::plain),
        ]
    };
    let rows: Vec<_> = listed.iter().map(row).collect();
    for line in shown::table(&["id", "class", "size", "last write", "alarm", "name"], &rows) {
        out.say(&line);
    }
    if let Some(next) = &next {
        out.say(&format!("... and more: --after {next}"));
    }
    let objects: Vec<_> = listed.iter().map(|known| summary(&classes, known)).collect();
    Ok(json!({ "objects": objects, "next": next }))
}

fn ls_classes(classes: &[ClassFigures], out: &Out) -> Value {
    let row = |class: &ClassFigures| {
        vec![
            class.namespace.clone(),
            name(class),
            class.stored.to_string(),
            shown::bytes(class.bytes),
            class.name.account.clone(),
        ]
    };
    let rows: Vec<_> = classes.iter().map(row).collect();
    for line in shown::table(&["namespace", "class", "objects", "size", "account"], &rows) {
        out.say(&line);
    }
    let class = |class: &ClassFigures| {
        json!({
            "namespace": class.namespace,
            "account": class.name.account,
            "worker": class.name.worker,
            "class": class.name.class,
            "objects": class.stored,
            "bytes": class.bytes,
        })
    };
    json!({ "classes": classes.iter().map(class).collect::<Vec<_>>() })
}

pub(super) async fn show(args: &ShowArgs, out: &Out) -> Done {
    let kept = args.shared.open().await?;
    let known = args.which.find(&kept).await?;
    let id = known.object.id;
    let classes = kept.classes().await?;
    let span = kept.reader().span(id).await.map_err(ToolError::from)?;
    let bookmark = kept.reader().bookmark(id).await.map_err(ToolError::from)?;
    let listing = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
    let found = kept.query(id, None, listing, TABLES_MAX).await?;
    let tables: Vec<_> = found.rows.iter().filter_map(|row| super::sql::text(row.first()?)).collect();
    let mut shown = summary(&classes, &known);
    let more = json!({
        "tables": tables,
        "bookmark": bookmark.to_string(),
        "history_oldest": moment::shown(span.oldest_ms),
        "history_newest": moment::shown(span.newest_ms),
        "log_bytes": known.tail_bytes,
        "position": known.head,
        "epoch": known.epoch,
    });
    if let (Some(shown), Value::Object(more)) = (shown.as_object_mut(), more) {
        shown.extend(more);
    }
    for (key, value) in shown.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
        let text = value.as_str().map_or_else(|| value.to_string(), shown::plain);
        out.say(&format!("{key}: {text}"));
    }
    Ok(shown)
}

/// Before it was made there is nothing of an object that somebody could want to see, or to have back.
pub(super) fn check_moment(known: &Known, at: &Moment) -> Result<(), Failure> {
    match at {
        Moment::Time { ms } if *ms < known.created_ms => {
            let (time, created) = (moment::shown(*ms), moment::shown(known.created_ms));
            Err(Failure::usage(format!("the object was not there at {time}: it was made at {created}. Give a later time")))
        }
        _ => Ok(()),
    }
}

/// The bookmark of a moment.
pub(super) async fn bookmark_at(kept: &KeptObjects, known: &Known, at: Option<&Moment>) -> Result<Option<String>, Failure> {
    let Some(at) = at else { return Ok(None) };
    check_moment(known, at)?;
    match at {
        Moment::Bookmark(bookmark) => Ok(Some(bookmark.clone())),
        Moment::Time { ms } => {
            let found = kept.reader().bookmark_for(known.object.id, *ms).await.map_err(ToolError::from)?;
            Ok(Some(found.to_string()))
        }
    }
}

pub(super) async fn export(args: &ExportArgs, out: &Out) -> Done {
    let file = &args.file;
    if file.exists() {
        return Err(Failure::usage(format!("{} is there already: choose another file, or remove it", file.display())));
    }
    // Beside the file, so that it comes to its place in one step.
    let room = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let kept = KeptObjects::open(&args.shared.folder()?, room).await?;
    let known = args.which.find(&kept).await?;
    let at = bookmark_at(&kept, &known, args.at.as_ref()).await?;
    kept.export(known.object.id, at.as_deref(), file).await?;
    let bytes = std::fs::metadata(file).map_or(0, |data| data.len());
    out.say(&format!("{}: {} of {}", file.display(), shown::bytes(bytes), shown::called(&known)));
    Ok(json!({ "id": known.object.id.to_string(), "file": file.display().to_string(), "bytes": bytes, "at": at }))
}
