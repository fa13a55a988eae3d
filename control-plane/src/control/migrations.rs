//! Which classes of Durable Objects a worker implements: changed by migrations, which are applied with the version that has the new classes.
//!
//! Each step is looked at as a whole: it names a class once, and all that it says holds before any of it is done. So there is no order
//! within a step, and no cycle.

use std::collections::BTreeSet;

use http::StatusCode;
use skerry_protocol::{Migration, MigrationStep};

use super::namespaces::Namespaces;
use super::{Commit, Publish};
use crate::error::ControlError;
use crate::names;
use crate::rows::{VersionRow, WorkerRow};

/// Of one upload: a configuration has all since the worker was made.
const STEPS_MAX: usize = 1_000;
const CLASSES_MAX: usize = 10_000;

/// What was sent with a version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Migrations {
    #[default]
    None,
    /// As wrangler has them: it has asked for the worker's tag, and leaves out what came before it.
    Pending { old_tag: Option<String>, new_tag: Option<String>, steps: Vec<MigrationStep> },
    /// All of a configuration: those up to the worker's tag are applied already.
    All(Vec<Migration>),
}

/// Steps, and the tag behind them.
type Pending<'m> = (Vec<&'m MigrationStep>, Option<&'m str>);

impl Migrations {
    fn check_size(&self) -> Result<(), ControlError> {
        let (steps, classes, tags): (usize, usize, Vec<&String>) = match self {
            Self::None => return Ok(()),
            Self::Pending { old_tag, new_tag, steps } => {
                (steps.len(), steps.iter().map(MigrationStep::count).sum(), old_tag.iter().chain(new_tag).collect())
            }
            Self::All(all) => (all.len(), all.iter().map(|one| one.step.count()).sum(), all.iter().map(|one| &one.tag).collect()),
        };
        if steps > STEPS_MAX || classes > CLASSES_MAX {
            return Err(ControlError::invalid(format!(
                "At most {STEPS_MAX} migrations of {CLASSES_MAX} classes together are applied with a version: leave out the oldest, which are applied already"
            )));
        }
        tags.into_iter().try_for_each(|tag| names::check_tag(tag))
    }

    /// What is to be done for a worker, and the tag that it has then. None where all is done.
    fn pending<'m>(&'m self, current: Option<&'m str>) -> Result<Option<Pending<'m>>, ControlError> {
        match self {
            Self::None => Ok(None),
            Self::Pending { old_tag, new_tag, steps } => {
                // Without any tag nobody says what was there before.
                let has_tags = old_tag.is_some() || new_tag.is_some();
                if has_tags && old_tag.as_deref() != current {
                    return Err(wrong_tag(current));
                }
                Ok(Some((steps.iter().collect(), new_tag.as_deref().or(current))))
            }
            Self::All(all) => {
                let mut seen = BTreeSet::new();
                if let Some(twice) = all.iter().find(|one| !seen.insert(&one.tag)) {
                    return Err(ControlError::invalid(format!(
                        "Two migrations have the tag \"{}\": give each its own",
                        twice.tag
                    )));
                }
                let applied = match current {
                    Some(current) => all.iter().position(|one| one.tag == current).map(|at| at + 1),
                    None => Some(0),
                };
                // A configuration without any says nothing, and takes nothing back.
                let Some(last) = all.last() else { return Ok(None) };
                let pending = &all[applied.ok_or_else(|| lost_tag(current))?..];
                Ok((!pending.is_empty()).then(|| (pending.iter().map(|one| &one.step).collect(), Some(last.tag.as_str()))))
            }
        }
    }
}

impl Commit<'_> {
    /// Applies what is to be applied, and binds a version to what there is then. It holds with the commit, or not at all.
    pub(super) async fn put_objects(
        &mut self,
        worker: &mut WorkerRow,
        version: &mut VersionRow,
        migrations: &Migrations,
        publish: Publish,
    ) -> Result<(), ControlError> {
        self.migrate(worker, migrations, publish).await?;
        self.bind_objects(worker, version).await
    }

    async fn migrate(&mut self, worker: &mut WorkerRow, migrations: &Migrations, publish: Publish) -> Result<(), ControlError> {
        migrations.check_size()?;
        let current = worker.migration_tag.clone();
        let Some((steps, tag)) = migrations.pending(current.as_deref())? else { return Ok(()) };
        if publish == Publish::Keep {
            return Err(not_with_a_version());
        }
        let all = self.namespaces(&worker.account).await?;
        for step in steps {
            apply(all, worker, step)?;
        }
        worker.migration_tag = tag.map(str::to_owned);
        Ok(())
    }
}

fn apply(all: &mut Namespaces, worker: &WorkerRow, step: &MigrationStep) -> Result<(), ControlError> {
    let new: Vec<&String> = step.new_sqlite_classes.iter().chain(&step.new_classes).collect();
    let renamed = step.renamed_classes.iter().flat_map(|one| [&one.from, &one.to]);
    let own = new.iter().copied().chain(renamed).chain(&step.deleted_classes);
    let mut named = BTreeSet::new();
    for class in own.chain(step.transferred_classes.iter().map(|one| &one.to)) {
        if !named.insert(class) {
            return Err(wrong(&format!(
                "class '{class}' cannot be the target of more than one migration at a time: use several, each with a tag of its own"
            )));
        }
    }
    let targets = step.renamed_classes.iter().map(|one| &one.to).chain(step.transferred_classes.iter().map(|one| &one.to));
    for class in new.iter().copied().chain(targets) {
        names::check_class(class)?;
        if all.of_class(&worker.name, class).is_some() {
            return Err(wrong(&format!(
                "Cannot apply a migration that makes class '{class}': the worker \"{}\" has Durable Objects of that class already",
                worker.name
            )));
        }
    }
    let found = |script: &str, class: &str| {
        let row = all.of_class(script, class).ok_or_else(|| no_objects(script, class));
        row.map(|row| row.id.clone())
    };
    let mut given = Vec::new();
    for one in &step.renamed_classes {
        given.push((found(&worker.name, &one.from)?, &one.to));
    }
    for one in &step.transferred_classes {
        if one.from_script == worker.name {
            return Err(wrong(&format!(
                "Cannot transfer class '{}' from \"{}\" to itself: use \"renamed_classes\"",
                one.from, worker.name
            )));
        }
        let id = found(&one.from_script, &one.from)?;
        if given.iter().any(|(other, _)| *other == id) {
            return Err(wrong(&format!(
                "Class '{}' of the worker \"{}\" cannot be transferred twice",
                one.from, one.from_script
            )));
        }
        given.push((id, &one.to));
    }
    let deleted: Vec<_> = step.deleted_classes.iter().map(|class| found(&worker.name, class)).collect::<Result<_, _>>()?;
    for id in &deleted {
        all.delete(id);
    }
    for (id, class) in given {
        all.give(&id, worker, class);
    }
    new.into_iter().try_for_each(|class| all.add(worker, class))
}

fn wrong(text: &str) -> ControlError {
    ControlError::new(StatusCode::BAD_REQUEST, 10074, text)
}

fn no_objects(script: &str, class: &str) -> ControlError {
    wrong(&format!(
        "Cannot apply a migration to class '{class}': the worker \"{script}\" of this account has no Durable Objects of that class"
    ))
}

fn wrong_tag(current: Option<&str>) -> ControlError {
    let current = current.map_or_else(|| "none".to_owned(), |tag| format!("\"{tag}\""));
    let text = format!(
        "Migration tag precondition failed; current tag is {current}. Was the worker deployed from elsewhere meanwhile? Deploy again"
    );
    ControlError::new(StatusCode::PRECONDITION_FAILED, 10079, text)
}

fn lost_tag(current: Option<&str>) -> ControlError {
    let current = current.unwrap_or_default();
    let text = format!(
        "The worker's current migration tag is \"{current}\", and no migration of the configuration has it: put the migration back that has, and new ones behind it"
    );
    ControlError::new(StatusCode::PRECONDITION_FAILED, 10079, text)
}

fn not_with_a_version() -> ControlError {
    let text =
        "Version upload failed: its migrations are not applied yet, and they are with a deployment of all requests. Use `deploy`";
    ControlError::new(StatusCode::BAD_REQUEST, 10211, text)
}

#[cfg(test)]
mod tests;
