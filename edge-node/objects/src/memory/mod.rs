//! Stores for tests: in memory, where what they have outlives what is dropped around them; and any stores that fail as they are told.

mod faults;
mod faulty;
mod stores;
mod world;

pub(crate) use faults::{Faults, Random};
pub(crate) use faulty::Faulty;
pub(crate) use stores::Memory;
pub(crate) use world::World;
