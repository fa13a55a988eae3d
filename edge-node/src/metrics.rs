//! What a node counts about itself, in the text format of Prometheus. Labels have a bounded set of values. Names that tenants choose stand at
//! Durable Objects alone, and there at the largest classes only.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::StatusCode;
use skerry_objects::ClassName;
use skerry_runtime::{CellFigures, CodeCacheFigures};

use crate::objects::ClassFigures;
use crate::uplink::Following;

/// Upper bounds of the cold starts' histogram, in microseconds.
const COLD_START_BOUNDS_US: [u64; 10] = [500, 1_000, 2_000, 5_000, 10_000, 25_000, 50_000, 100_000, 500_000, 1_000_000];

/// Codes of failures, as clients see them: `worker_exception`, ...
const FAILURE_CODES: [&str; 13] = [
    "worker_exception",
    "worker_bad_response",
    "worker_no_handler",
    "worker_hung",
    "worker_cpu_exceeded",
    "worker_memory_exceeded",
    "worker_time_exceeded",
    "worker_ended",
    "worker_load_failed",
    "worker_crashed",
    "worker_barred",
    "overloaded",
    "no_worker",
];

/// Counters of one node, filled by its observers.
#[derive(Debug, Default)]
pub struct Metrics {
    /// By the first digit of the status.
    answers: [AtomicU64; 5],
    /// In the order of `FAILURE_CODES`; the last are requests that were refused.
    failures: [AtomicU64; FAILURE_CODES.len() + 1],
    cpu_us: AtomicU64,
    /// Not cumulative; the last is everything above the bounds.
    cold_starts: [AtomicU64; COLD_START_BOUNDS_US.len() + 1],
    cold_start_us: AtomicU64,
    evictions: AtomicU64,
    /// Of a node that has a control plane.
    following: OnceLock<Arc<Following>>,
}

/// What is there when the figures are asked for.
pub(crate) struct Gauges {
    pub workers: usize,
    pub isolates: usize,
    pub pooled: usize,
    /// That isolates take, and that they may take.
    pub memory: (usize, usize),
    pub cache: CodeCacheFigures,
    /// Where isolates run in processes of their own.
    pub cells: Option<CellFigures>,
    /// Of a node that keeps Durable Objects.
    pub objects: Vec<ClassFigures>,
}

impl Metrics {
    pub fn watch_following(&self, following: Arc<Following>) {
        // A node has one control plane, from its start.
        let _first = self.following.set(following);
    }

    pub fn answered(&self, status: StatusCode, cpu: Duration) {
        let class = usize::from(status.as_u16() / 100).clamp(1, self.answers.len());
        add(&self.answers[class - 1], 1);
        add(&self.cpu_us, micros(cpu));
    }

    pub fn failed(&self, code: &str) {
        let place = FAILURE_CODES.iter().position(|known| *known == code).unwrap_or(FAILURE_CODES.len());
        add(&self.failures[place], 1);
    }

    pub fn cold_start(&self, took: Duration) {
        let took = micros(took);
        let place = COLD_START_BOUNDS_US.iter().position(|bound| took <= *bound).unwrap_or(COLD_START_BOUNDS_US.len());
        add(&self.cold_starts[place], 1);
        add(&self.cold_start_us, took);
    }

    pub fn evicted(&self) {
        add(&self.evictions, 1);
    }

    /// The figures, with what is there now.
    pub(crate) fn to_text(&self, now: &Gauges) -> String {
        let mut text = String::with_capacity(4096);
        let mut family = Family { text: &mut text };
        family.head("skerry_requests_total", "counter", "Requests answered, by the class of their status.");
        for (class, count) in self.answers.iter().enumerate() {
            family.line("skerry_requests_total", &format!(r#"status="{}xx""#, class + 1), get(count));
        }
        family.head(
            "skerry_request_failures_total",
            "counter",
            "Requests that the platform answered instead of a worker, by code.",
        );
        for (code, count) in FAILURE_CODES.iter().chain(&["refused"]).zip(&self.failures) {
            family.line("skerry_request_failures_total", &format!(r#"code="{code}""#), get(count));
        }
        family.head("skerry_cpu_microseconds_total", "counter", "CPU time that workers used.");
        family.line("skerry_cpu_microseconds_total", "", get(&self.cpu_us));
        family.head(
            "skerry_cold_start_seconds",
            "histogram",
            "Time from the need for an isolate until it took its first request.",
        );
        let mut total = 0;
        for (bound, count) in COLD_START_BOUNDS_US.iter().map(Some).chain([None]).zip(&self.cold_starts) {
            total += get(count);
            let bound = bound.map_or_else(|| "+Inf".to_owned(), |us| seconds(*us));
            family.line("skerry_cold_start_seconds_bucket", &format!(r#"le="{bound}""#), total);
        }
        let sum = seconds(get(&self.cold_start_us));
        family.line("skerry_cold_start_seconds_sum", "", sum);
        family.line("skerry_cold_start_seconds_count", "", total);
        family.head("skerry_evictions_total", "counter", "Isolates that were ended because nobody needed them.");
        family.line("skerry_evictions_total", "", get(&self.evictions));
        if let Some(following) = self.following.get() {
            family.head("skerry_config_revision", "gauge", "Revision of what is deployed that is served.");
            family.line("skerry_config_revision", "", following.revision());
            family.head("skerry_config_age_seconds", "gauge", "Time since the control plane said that this is the newest.");
            family.line("skerry_config_age_seconds", "", following.age().as_secs());
            family.head(
                "skerry_tail_events_dropped_total",
                "counter",
                "Live events that nobody saw, because there were too many.",
            );
            family.line("skerry_tail_events_dropped_total", "", following.events_dropped());
        }
        family.head("skerry_workers", "gauge", "Workers that are served.");
        family.line("skerry_workers", "", now.workers);
        family.head("skerry_isolates", "gauge", "Isolates that are live.");
        family.line("skerry_isolates", "", now.isolates);
        family.head("skerry_pooled_isolates", "gauge", "Isolates that are ready for workers that have none.");
        family.line("skerry_pooled_isolates", "", now.pooled);
        family.head(
            "skerry_isolate_memory_bytes",
            "gauge",
            "Memory that isolates take, by the figures of V8 and of the allocator.",
        );
        family.line("skerry_isolate_memory_bytes", "", now.memory.0);
        family.head("skerry_isolate_memory_budget_bytes", "gauge", "Memory that isolates may take.");
        family.line("skerry_isolate_memory_budget_bytes", "", now.memory.1);
        family.head("skerry_code_cache_total", "counter", "Modules that were compiled, by what of them had been kept.");
        for (result, count) in [("hit", now.cache.hits), ("miss", now.cache.misses), ("rejected", now.cache.rejected)] {
            family.line("skerry_code_cache_total", &format!(r#"result="{result}""#), count);
        }
        if let Some(cells) = &now.cells {
            family.cells(cells);
        }
        if !now.objects.is_empty() {
            family.objects(&now.objects);
        }
        text
    }
}

struct Family<'a> {
    text: &'a mut String,
}

impl Family<'_> {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a String does not fail.
        let _written = write!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn cells(&mut self, cells: &CellFigures) {
        self.head("skerry_cells", "gauge", "Processes that isolates run in, by what they are for.");
        let states = [("shared", cells.serving), ("own", cells.own), ("spare", cells.spare), ("leaving", cells.leaving)];
        for (state, count) in states {
            self.line("skerry_cells", &format!(r#"state="{state}""#), count);
        }
        self.head("skerry_cells_memory_bytes", "gauge", "Physical memory of these processes, without what they share.");
        self.line("skerry_cells_memory_bytes", "", cells.own_bytes);
        self.head("skerry_cell_ends_total", "counter", "Processes that have ended, by why.");
        for (reason, count) in &cells.ends {
            self.line("skerry_cell_ends_total", &format!(r#"reason="{reason}""#), count);
        }
    }

    fn objects(&mut self, classes: &[ClassFigures]) {
        type Figure = fn(&ClassFigures) -> u64;
        let families: [(&str, &str, Figure); 3] = [
            ("skerry_objects_stored", "Durable Objects that have something stored, by class.", |class| class.stored),
            ("skerry_objects_live", "Durable Objects that live in an isolate, by class.", |class| class.live),
            ("skerry_objects_storage_bytes", "Databases of Durable Objects, by class.", |class| class.bytes),
        ];
        for (name, help, figure) in families {
            self.head(name, "gauge", help);
            for class in classes {
                let ClassName { account, worker, class: of } = &class.name;
                let labels = [("namespace", &class.namespace), ("account", account), ("worker", worker), ("class", of)];
                let labels = labels.map(|(label, value)| format!(r#"{label}="{}""#, escaped(value)));
                self.line(name, &labels.join(","), figure(class));
            }
        }
    }

    fn line(&mut self, name: &str, label: &str, value: impl std::fmt::Display) {
        let _written = match label {
            "" => writeln!(self.text, "{name} {value}"),
            label => writeln!(self.text, "{name}{{{label}}} {value}"),
        };
    }
}

/// As the value of a label.
fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('"', r#"\""#).replace('\n', r"\n")
}

fn seconds(us: u64) -> String {
    let text = format!("{}.{:06}", us / 1_000_000, us % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn add(counter: &AtomicU64, amount: u64) {
    counter.fetch_add(amount, Ordering::Relaxed);
}

fn get(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_come_out_as_prometheus_reads_them() {
        let metrics = Metrics::default();
        metrics.answered(StatusCode::OK, Duration::from_micros(70));
        metrics.answered(StatusCode::SERVICE_UNAVAILABLE, Duration::ZERO);
        metrics.failed("worker_cpu_exceeded");
        metrics.failed("bad_host");
        metrics.cold_start(Duration::from_micros(700));
        metrics.cold_start(Duration::from_secs(2));
        metrics.evicted();
        let text = metrics.to_text(&Gauges {
            workers: 3,
            isolates: 1,
            pooled: 4,
            memory: (5, 6),
            cache: CodeCacheFigures { hits: 5, misses: 6, rejected: 7 },
            cells: Some(CellFigures { serving: 2, own: 0, spare: 1, leaving: 0, own_bytes: 9, ends: vec![("crashed", 3)] }),
            objects: vec![ClassFigures {
                namespace: "ab".to_owned(),
                name: ClassName { account: String::new(), worker: "chat".to_owned(), class: "Ro\"om\\\n".to_owned() },
                stored: 7,
                bytes: 8192,
                live: 2,
            }],
        });
        for line in [
            "skerry_requests_total{status=\"2xx\"} 1",
            "skerry_requests_total{status=\"5xx\"} 1",
            "skerry_request_failures_total{code=\"worker_cpu_exceeded\"} 1",
            "skerry_request_failures_total{code=\"refused\"} 1",
            "skerry_cpu_microseconds_total 70",
            "skerry_cold_start_seconds_bucket{le=\"0.0005\"} 0",
            "skerry_cold_start_seconds_bucket{le=\"0.001\"} 1",
            "skerry_cold_start_seconds_bucket{le=\"1\"} 1",
            "skerry_cold_start_seconds_bucket{le=\"+Inf\"} 2",
            "skerry_cold_start_seconds_sum 2.0007",
            "skerry_cold_start_seconds_count 2",
            "skerry_evictions_total 1",
            "skerry_workers 3",
            "skerry_isolates 1",
            "skerry_isolate_memory_bytes 5",
            "skerry_isolate_memory_budget_bytes 6",
            "skerry_cells{state=\"shared\"} 2",
            "skerry_cells_memory_bytes 9",
            "skerry_cell_ends_total{reason=\"crashed\"} 3",
            r#"skerry_objects_stored{namespace="ab",account="",worker="chat",class="Ro\"om\\\n"} 7"#,
            r#"skerry_objects_live{namespace="ab",account="",worker="chat",class="Ro\"om\\\n"} 2"#,
            r#"skerry_objects_storage_bytes{namespace="ab",account="",worker="chat",class="Ro\"om\\\n"} 8192"#,
        ] {
            assert!(text.lines().any(|other| other == line), "{line} is not in\n{text}");
        }
    }
}
