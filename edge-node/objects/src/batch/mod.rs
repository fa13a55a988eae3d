//! From appends of many objects to few commits.

mod batcher;
mod pipeline;

pub(crate) use batcher::{Batcher, Bounds};
pub(crate) use pipeline::Pipeline;
