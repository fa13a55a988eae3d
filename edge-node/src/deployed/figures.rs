//! What versions have done here since the process started: the control plane compares a new one with the one before.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use parking_lot::Mutex;
use skerry_protocol::VersionFigures;
use skerry_runtime::messages::LogLine;

use super::plan::Configuration;
use crate::observe::{FailedRequest, Observer, RequestRecord};

/// Of each worker's versions that are not served any more, as many are remembered.
const GONE_MAX: usize = 2;

#[derive(Debug, Default)]
struct Figures {
    requests: AtomicU64,
    failures: AtomicU64,
    finished: AtomicU64,
    cpu_us: AtomicU64,
}

/// Of versions of one worker, by their ids.
type OfVersions = Vec<(String, Arc<Figures>)>;

/// All versions that have had a request, by worker. One that nobody uses takes no room.
#[derive(Debug, Default)]
pub(super) struct Book(Mutex<BTreeMap<String, OfVersions>>);

impl Book {
    fn open(&self, worker: &str, version: &str) -> Arc<Figures> {
        let mut all = self.0.lock();
        let versions = all.entry(worker.to_owned()).or_default();
        if let Some((_, there)) = versions.iter().find(|(id, _)| id == version) {
            return there.clone();
        }
        let figures = Arc::<Figures>::default();
        versions.push((version.to_owned(), figures.clone()));
        figures
    }

    pub fn of(&self, worker: &str) -> Vec<VersionFigures> {
        let all = self.0.lock();
        let shown = |(version, figures): &(String, Arc<Figures>)| VersionFigures {
            worker: worker.to_owned(),
            version: version.clone(),
            requests: figures.requests.load(Ordering::Relaxed),
            failures: figures.failures.load(Ordering::Relaxed),
            finished: figures.finished.load(Ordering::Relaxed),
            cpu_us: figures.cpu_us.load(Ordering::Relaxed),
        };
        all.get(worker).into_iter().flatten().map(shown).collect()
    }

    /// Forgets what was served long ago.
    pub fn trim(&self, served: &Configuration) {
        self.0.lock().retain(|worker, versions| {
            let Some(worker) = served.workers.get(worker) else { return false };
            let is_gone = |id: &String| !worker.versions.iter().any(|version| version.id == *id);
            let mut too_many = versions.iter().filter(|(id, _)| is_gone(id)).count().saturating_sub(GONE_MAX);
            versions.retain(|(id, _)| {
                let goes = too_many > 0 && is_gone(id);
                too_many -= usize::from(goes);
                !goes
            });
            true
        });
    }
}

/// Counts, and tells everything on.
pub(super) struct Counted {
    inner: Arc<dyn Observer>,
    book: Arc<Book>,
    worker: String,
    version: String,
    figures: OnceLock<Arc<Figures>>,
}

impl Counted {
    pub fn new(inner: Arc<dyn Observer>, book: Arc<Book>, worker: &str, version: &str) -> Arc<Self> {
        let (worker, version) = (worker.to_owned(), version.to_owned());
        Arc::new(Self { inner, book, worker, version, figures: OnceLock::new() })
    }

    fn figures(&self) -> &Figures {
        self.figures.get_or_init(|| self.book.open(&self.worker, &self.version))
    }
}

impl Observer for Counted {
    fn request(&self, record: &RequestRecord) {
        let figures = self.figures();
        figures.finished.fetch_add(1, Ordering::Relaxed);
        figures.cpu_us.fetch_add(u64::try_from(record.cpu.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.inner.request(record);
    }

    fn log(&self, line: &LogLine) {
        self.inner.log(line);
    }

    fn failure(&self, failure: &FailedRequest) {
        self.inner.failure(failure);
    }

    fn passed_through(&self, request: &str, details: &str) {
        self.inner.passed_through(request, details);
    }

    fn answered(&self, has_failed: bool, is_chosen: bool) {
        // Whoever chooses the version could also choose what makes it fail.
        if !is_chosen {
            let figures = self.figures();
            figures.requests.fetch_add(1, Ordering::Relaxed);
            if has_failed {
                figures.failures.fetch_add(1, Ordering::Relaxed);
            }
        }
        self.inner.answered(has_failed, is_chosen);
    }

    fn wants_traces(&self) -> bool {
        self.inner.wants_traces()
    }

    fn cold_start(&self, took: Duration) {
        self.inner.cold_start(took);
    }

    fn evicted(&self) {
        self.inner.evicted();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployed::plan::tests::{version, worker};
    use crate::deployed::tests::Silent;
    use crate::error::ServeError;
    use skerry_protocol::Position;
    use skerry_runtime::messages::{Failure, FailureKind};

    #[test]
    fn failures_count_that_are_the_versions_own_of_requests_that_did_not_choose_it() {
        let book = Arc::<Book>::default();
        let counted = Counted::new(Arc::new(Silent), book.clone(), "a", "v1");
        let failed = |kind| ServeError::Worker(Failure { kind, message: String::new(), stack: None }).is_the_versions_own();
        let own = [FailureKind::Exception, FailureKind::Hung, FailureKind::CpuLimit, FailureKind::CrashedAlone].map(failed);
        let others = [failed(FailureKind::Crashed), failed(FailureKind::Load), ServeError::Busy.is_the_versions_own()];
        for has_failed in own.into_iter().chain(others) {
            counted.answered(has_failed, false);
            counted.answered(has_failed, true);
        }
        let counts: Vec<_> = book.of("a").iter().map(|figures| (figures.requests, figures.failures)).collect();
        assert_eq!(counts, [(7, 4)]);
    }

    #[test]
    fn the_figures_of_what_was_served_before_stay_for_a_while() {
        let book = Book::default();
        for id in ["v1", "v2", "v3", "v4"] {
            book.open("a", id).requests.fetch_add(7, Ordering::Relaxed);
        }
        book.open("gone", "v1");
        let served = Configuration::new(Position::default(), vec![worker("a", vec![version("v4", 100.0, b"")])], None);
        book.trim(&served);
        let ids: Vec<_> = book.of("a").into_iter().map(|figures| (figures.version, figures.requests)).collect();
        assert_eq!(ids, [("v2".to_owned(), 7), ("v3".to_owned(), 7), ("v4".to_owned(), 7)]);
        assert_eq!(book.of("gone"), []);
    }
}
