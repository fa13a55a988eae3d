//! Stores that were filled without a network: many workers and versions, and what nobody needs any more.

#[path = "stores/garbage.rs"]
mod garbage;
#[path = "stores/plane.rs"]
mod plane;
#[path = "stores/scale.rs"]
mod scale;

type Failure = Box<dyn std::error::Error>;
