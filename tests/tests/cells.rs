//! Cells: processes that host isolates. What worker code that took one over could do with it, and what happens when one ends.

#[path = "cells/sandbox.rs"]
mod sandbox;

type Failure = Box<dyn std::error::Error + Send + Sync>;
