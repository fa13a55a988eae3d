use std::time::Duration;

use anyhow::{Context, Result};
use serde::Serialize;

use super::process::Resident;
use super::report::amount;
use super::subject::Subject;

/// What one server did in one round.
#[derive(Default)]
pub(crate) struct Sample {
    pub(crate) value: f64,
    pub(crate) p99_ms: Option<f64>,
    /// Processor time of the server per request (or what the row counts): other load on the machine disturbs it less.
    pub(crate) cpu_us: Option<f64>,
    pub(crate) errors: u64,
    pub(crate) resident: Option<Resident>,
    pub(crate) details: Vec<Detail>,
}

/// What a row tells besides its value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Detail {
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) value: f64,
}

/// What one server did in all rounds. The p99, the processor time and the details are medians of the rounds' values.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Figures {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
    pub(crate) p99_ms: Option<f64>,
    pub(crate) cpu_us: Option<f64>,
    pub(crate) errors: u64,
    pub(crate) memory_mib: Option<Memory>,
    pub(crate) details: Vec<Detail>,
    pub(crate) rounds: Vec<f64>,
}

#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Memory {
    /// Unknown where the row measures no growth.
    pub(crate) before: Option<f64>,
    pub(crate) after: f64,
    pub(crate) peak: f64,
}

/// In the order of `Subject`; none for servers that a row does not measure.
pub(crate) type BySubject = [Option<Figures>; Subject::COUNT];

/// Measures servers by turns: what disturbs the machine for a while disturbs them all.
pub(crate) fn interleave(
    row: &str,
    rounds: u32,
    subjects: &[Subject],
    mut measure: impl FnMut(Subject) -> Result<Sample>,
) -> Result<BySubject> {
    let [figures] = interleave_parts(row, rounds, subjects, |subject| Ok([Some(measure(subject)?)]))?;
    Ok(figures)
}

/// The same where a server's turn gives samples of several parts of a row.
pub(crate) fn interleave_parts<const PARTS: usize>(
    row: &str,
    rounds: u32,
    subjects: &[Subject],
    mut measure: impl FnMut(Subject) -> Result<[Option<Sample>; PARTS]>,
) -> Result<[BySubject; PARTS]> {
    let mut samples: [[Vec<Sample>; Subject::COUNT]; PARTS] = std::array::from_fn(|_| Default::default());
    for round in 1..=rounds {
        let mut values = Vec::new();
        for &subject in subjects {
            let turn = measure(subject).with_context(|| format!("{row}, round {round}: {}", subject.name()))?;
            let shown: Vec<_> = turn.iter().flatten().map(|sample| amount(sample.value)).collect();
            values.push(shown.join(" "));
            for (part, sample) in samples.iter_mut().zip(turn) {
                part[subject as usize].extend(sample);
            }
        }
        eprintln!("{row}: round {round} of {rounds}: {}", values.join("  "));
    }
    Ok(samples.map(|part| part.map(|samples| Figures::of(&samples))))
}

impl Detail {
    pub(crate) fn ms(name: &'static str, value: f64) -> Self {
        Self { name, unit: "ms", value }
    }

    pub(crate) fn us(name: &'static str, value: f64) -> Self {
        Self { name, unit: "us", value }
    }

    pub(crate) fn count(name: &'static str, value: f64) -> Self {
        Self { name, unit: "", value }
    }
}

impl Figures {
    /// None without samples.
    pub(crate) fn of(samples: &[Sample]) -> Option<Self> {
        let rounds: Vec<f64> = samples.iter().map(|sample| sample.value).collect();
        let peak = samples.iter().filter_map(|sample| Some(sample.resident?.peak)).fold(0.0, f64::max);
        let last = samples.last()?;
        let value_of = |sample: &Sample, name: &str| Some(sample.details.iter().find(|detail| detail.name == name)?.value);
        let detail = |detail: &Detail| {
            let values: Vec<_> = samples.iter().filter_map(|sample| value_of(sample, detail.name)).collect();
            Some(Detail { value: median(&values)?, ..detail.clone() })
        };
        Some(Self {
            median: median(&rounds)?,
            min: rounds.iter().copied().fold(f64::INFINITY, f64::min),
            max: rounds.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            p99_ms: median(&samples.iter().filter_map(|sample| sample.p99_ms).collect::<Vec<_>>()),
            cpu_us: median(&samples.iter().filter_map(|sample| sample.cpu_us).collect::<Vec<_>>()),
            errors: samples.iter().map(|sample| sample.errors).sum(),
            memory_mib: last.resident.map(|last| Memory { before: None, after: last.now, peak }),
            details: last.details.iter().filter_map(detail).collect(),
            rounds,
        })
    }

    pub(crate) fn detail(&self, name: &str) -> Option<&Detail> {
        self.details.iter().find(|detail| detail.name == name)
    }

    pub(crate) fn set_memory_before(&mut self, before: f64) {
        if let Some(memory) = &mut self.memory_mib {
            memory.before = Some(before);
        }
    }
}

pub(crate) fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (low, high) = (sorted.get(sorted.len().checked_sub(1)? / 2)?, sorted.get(sorted.len() / 2)?);
    // Of two endless ones the middle is no number.
    Some(if low == high { *low } else { f64::midpoint(*low, *high) })
}

/// The smallest value that so many percent of all do not exceed; 0 of none.
pub(crate) fn percentile(values: &[f64], percent: usize) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let index = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(index).copied().unwrap_or_default()
}

pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(&[f64::INFINITY, f64::INFINITY]), Some(f64::INFINITY));
    }

    #[test]
    fn percentiles() {
        let values: Vec<f64> = (1..=200).rev().map(f64::from).collect();
        assert_eq!([50, 99, 100].map(|percent| percentile(&values, percent)), [100.0, 198.0, 200.0]);
        assert_eq!((percentile(&[7.0], 99), percentile(&[], 99)), (7.0, 0.0));
    }

    #[test]
    fn details_are_medians_too() {
        let sample = |value| Sample { details: vec![Detail::ms("warm", value)], ..Sample::default() };
        let figures = Figures::of(&[sample(1.0), sample(5.0), sample(2.0)]);
        assert_eq!(figures.map(|figures| figures.details), Some(vec![Detail::ms("warm", 2.0)]));
    }
}
