//! Durable Objects of a whole node: what was confirmed is there, and what was not is nowhere, whatever happens to the node.

#[path = "durability/clock.rs"]
mod clock;
#[path = "durability/damage.rs"]
mod damage;
#[path = "durability/disk.rs"]
mod disk;
#[path = "durability/kills.rs"]
mod kills;
#[path = "durability/load.rs"]
mod load;
#[path = "durability/processes.rs"]
mod processes;
#[path = "durability/wire.rs"]
mod wire;

type Failure = Box<dyn std::error::Error + Send + Sync>;
