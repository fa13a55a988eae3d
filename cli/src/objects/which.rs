//! Which object is meant.

use clap::Args;
use skerry_edge::ClassFigures;
use skerry_edge::object_store::{EngineError, Known};
use skerry_edge::object_tool::{KeptObjects, ToolError};

use crate::client::failure::Failure;

#[derive(Args)]
pub(super) struct Which {
    /// The object: 64 hexadecimal digits, or its name.
    #[arg(value_name = "ID|NAME")]
    object: String,
    /// The class of an object that is given by its name: Room, or chat/Room where several workers have one.
    #[arg(long, value_name = "CLASS")]
    class: Option<String>,
}

impl Which {
    pub async fn find(&self, kept: &KeptObjects) -> Result<Known, Failure> {
        let found = |id| async move { kept.reader().object(id).await.map_err(|error| ToolError::from(EngineError::from(error))) };
        if let Ok(id) = self.object.to_lowercase().parse() {
            let known = found(id).await?;
            return known.ok_or_else(|| Failure::refused("no_object", format!("nothing is stored of an object {id}")));
        }
        let classes = of_class(kept, self.class.as_deref()).await?;
        for class in &classes {
            if let Some(known) = found(KeptObjects::id_of_name(&class.namespace, &self.object)).await? {
                return Ok(known);
            }
        }
        let searched: Vec<_> = classes.iter().map(name).collect();
        let (object, searched) = (&self.object, searched.join(", "));
        Err(Failure::refused("no_object", format!("nothing is stored of an object that is called {object:?} in {searched}")))
    }
}

/// The classes that are meant: all that have the name, which is to be one.
pub(super) async fn of_class(kept: &KeptObjects, wanted: Option<&str>) -> Result<Vec<ClassFigures>, Failure> {
    let all = kept.classes().await?;
    let names: Vec<_> = all.iter().map(name).collect();
    let there_are = format!("there are {}", if names.is_empty() { "none".to_owned() } else { names.join(", ") });
    let fits = |class: &ClassFigures| wanted.is_none_or(|wanted| is_called(class, wanted));
    let found: Vec<_> = all.into_iter().filter(fits).collect();
    match (found.len(), wanted) {
        (1, _) => Ok(found),
        (0, None) => Err(Failure::refused("no_object", "no object has anything stored".to_owned())),
        (_, None) => Err(Failure::usage(format!("of which class is it? Give --class; {there_are}"))),
        (0, Some(wanted)) => Err(Failure::refused("no_class", format!("no class {wanted:?} has anything stored; {there_are}"))),
        (_, Some(wanted)) => Err(Failure::usage(format!(
            "several classes are called {wanted:?}: give the worker or the namespace, too; {there_are}"
        ))),
    }
}

fn is_called(class: &ClassFigures, wanted: &str) -> bool {
    class.namespace == wanted || class.name.class == wanted || name(class) == wanted
}

/// As it can be typed: with its worker, or by its namespace where no name was noted.
pub(super) fn name(class: &ClassFigures) -> String {
    if class.name.class.is_empty() { class.namespace.clone() } else { format!("{}/{}", class.name.worker, class.name.class) }
}
