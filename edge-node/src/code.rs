//! What the isolates of a worker are started from.

use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use skerry_runtime::messages::{Failure, FailureKind};
use skerry_runtime::{Namespace, WorkerCode};

/// Has the code of one version, which is the same whenever it is asked for.
pub(crate) trait CodeSource: Send + Sync {
    /// May wait for a disk.
    fn load(&self) -> Result<WorkerCode, Failure>;

    /// Classes of Durable Objects that are the worker's.
    fn namespaces(&self) -> Vec<Namespace> {
        Vec::new()
    }
}

/// A version of a worker's code: held in memory, or read whenever there is no isolate that has it already.
#[derive(Clone)]
pub(crate) enum Code {
    Held(Arc<WorkerCode>),
    Stored(Arc<Stored>),
}

pub(crate) struct Stored {
    source: Box<dyn CodeSource>,
    /// That of the isolates that run it: an idle worker holds no code.
    loaded: Mutex<Weak<WorkerCode>>,
}

impl Code {
    pub fn stored(source: impl CodeSource + 'static) -> Self {
        Self::Stored(Arc::new(Stored { source: Box::new(source), loaded: Mutex::default() }))
    }

    /// Whether both are one version, and not two that are alike.
    pub fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Held(one), Self::Held(other)) => Arc::ptr_eq(one, other),
            (Self::Stored(one), Self::Stored(other)) => Arc::ptr_eq(one, other),
            (Self::Held(_), Self::Stored(_)) | (Self::Stored(_), Self::Held(_)) => false,
        }
    }

    /// The worker's name, where it is known without reading the code.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Held(code) => Some(&code.name),
            Self::Stored(_) => None,
        }
    }

    /// Classes of Durable Objects that are the worker's.
    pub fn namespaces(&self) -> Vec<Namespace> {
        match self {
            Self::Held(code) => code.namespaces.clone(),
            Self::Stored(stored) => stored.source.namespaces(),
        }
    }

    /// To start an isolate with.
    pub async fn load(&self) -> Result<Arc<WorkerCode>, Failure> {
        let stored = match self {
            Self::Held(code) => return Ok(code.clone()),
            Self::Stored(stored) => stored.clone(),
        };
        let loaded = stored.loaded.lock().upgrade();
        if let Some(code) = loaded {
            return Ok(code);
        }
        let reading = tokio::task::spawn_blocking(move || {
            let code = Arc::new(stored.source.load()?);
            *stored.loaded.lock() = Arc::downgrade(&code);
            Ok(code)
        });
        reading.await.unwrap_or_else(|_| {
            let message = "The reading of the worker's code was broken off".to_owned();
            Err(Failure { kind: FailureKind::Load, message, stack: None })
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    struct Counted(Arc<AtomicU32>);

    impl CodeSource for Counted {
        fn load(&self) -> Result<WorkerCode, Failure> {
            self.0.fetch_add(1, Ordering::SeqCst);
            Ok(WorkerCode {
                name: "a".to_owned(),
                version: String::new(),
                main: "a.js".to_owned(),
                modules: Vec::new(),
                env: "{}".to_owned(),
                services: Vec::new(),
                objects: Vec::new(),
                namespaces: Vec::new(),
            })
        }
    }

    #[tokio::test]
    async fn stored_code_is_in_memory_as_long_as_somebody_runs_it() -> Result<(), Failure> {
        let reads = Arc::<AtomicU32>::default();
        let code = Code::stored(Counted(reads.clone()));
        let (first, second) = (code.load().await?, code.load().await?);
        assert!(Arc::ptr_eq(&first, &second));
        assert_eq!(reads.load(Ordering::SeqCst), 1);
        let held = Arc::downgrade(&first);
        drop((first, second));
        assert!(held.upgrade().is_none());
        code.load().await?;
        assert_eq!(reads.load(Ordering::SeqCst), 2);
        Ok(())
    }
}
