//! Classes of objects: what they are called, what their objects take, and their end.

use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use skerry_objects::{ClassName, Engine, EngineError, StoreError};

use super::{Callee, Objects};

/// Of classes that have figures of their own; those of the others are added up.
const FIGURES_MAX: usize = 100;

/// What classes are called, by their namespaces, as it is noted on the disk.
#[derive(Default)]
pub(super) struct Classes(Mutex<FxHashMap<String, ClassName>>);

impl Classes {
    pub fn found(&self, noted: Vec<(String, ClassName)>) {
        self.0.lock().extend(noted);
    }

    /// Notes the name of a class that had none, or another.
    pub async fn note(&self, engine: &Engine, callee: &Callee) {
        let name = ClassName {
            account: callee.worker.options().scope.to_string(),
            worker: callee.worker.name(),
            class: callee.class.to_string(),
        };
        let namespace = &callee.object.namespace;
        if self.0.lock().get(namespace) == Some(&name) {
            return;
        }
        match engine.name_class(namespace, &name).await {
            Ok(()) => drop(self.0.lock().insert(namespace.clone(), name)),
            Err(error) => tracing::warn!("that the namespace {namespace} is of the class {} is not noted: {error}", name.class),
        }
    }
}

/// What a class has of objects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClassFigures {
    /// `other` where they are of several classes.
    pub namespace: String,
    pub name: ClassName,
    /// Objects with something stored.
    pub stored: u64,
    /// Bytes of their databases.
    pub bytes: u64,
    /// Objects that live in an isolate.
    pub live: u64,
}

impl Objects {
    /// Of the classes with most on the disk, and of all others together. Nothing where no object was wanted yet.
    pub async fn figures(&self) -> Result<Vec<ClassFigures>, StoreError> {
        let Some(engine) = self.engine.get() else { return Ok(Vec::new()) };
        let mut all = FxHashMap::<String, ClassFigures>::default();
        for (namespace, counts) in engine.totals().await? {
            let figures = all.entry(namespace).or_default();
            (figures.stored, figures.bytes) = (counts.objects, counts.storage_bytes);
        }
        for (namespace, live) in engine.owned_counts() {
            all.entry(namespace).or_default().live = live as u64;
        }
        let names = self.classes.0.lock();
        let named = |(namespace, figures): (String, ClassFigures)| {
            let name = names.get(&namespace).cloned().unwrap_or_default();
            ClassFigures { namespace, name, ..figures }
        };
        Ok(bounded(all.into_iter().map(named).collect()))
    }

    /// The class is deleted: its objects go with their histories, and those that live end. Says how many there were.
    pub async fn delete_namespace(&self, namespace: &str) -> Result<u64, EngineError> {
        if self.engine.get().is_none() && !self.folder.join("engine.db").exists() {
            return Ok(0);
        }
        let count = self.engine().await?.delete_namespace(namespace).await?;
        self.classes.0.lock().remove(namespace);
        self.alarms.look();
        Ok(count)
    }
}

fn bounded(mut all: Vec<ClassFigures>) -> Vec<ClassFigures> {
    all.sort_by(|one, other| other.bytes.cmp(&one.bytes).then_with(|| one.namespace.cmp(&other.namespace)));
    if all.len() > FIGURES_MAX {
        let mut others = ClassFigures { namespace: "other".to_owned(), ..ClassFigures::default() };
        for figures in all.drain(FIGURES_MAX..) {
            others.stored += figures.stored;
            others.bytes += figures.bytes;
            others.live += figures.live;
        }
        all.push(others);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_many_classes_there_are_the_figures_are_few_and_add_up() {
        let class = |number: u64| ClassFigures {
            namespace: format!("{number:032x}"),
            bytes: number,
            stored: 1,
            live: 2,
            ..Default::default()
        };
        let few = bounded((0..3).map(class).collect());
        assert_eq!(few.iter().map(|figures| figures.bytes).collect::<Vec<_>>(), [2, 1, 0]);
        let many = bounded((0..1000).map(class).collect());
        assert_eq!((many.len(), many[0].bytes, many[100].namespace.as_str()), (101, 999, "other"));
        assert_eq!((many[100].stored, many[100].live), (900, 1800));
        assert_eq!(many.iter().map(|figures| figures.bytes).sum::<u64>(), (0..1000_u64).sum::<u64>());
    }
}
