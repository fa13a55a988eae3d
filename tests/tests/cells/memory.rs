//! Memory that the limits of a worker do not see: the largest cell goes, and nothing else.

use crate::Failure;
use crate::node::{Client, Node};

/// One native operation takes several hundred MB.
const GROWING: &str = "
let tree = [\"x\".repeat(100)];
for (let i = 0; i < 22; i++) tree = [tree, tree];
JSON.stringify(tree);";

#[test]
fn the_largest_cell_ends_before_the_machine_is_out_of_memory() -> Result<(), Failure> {
    let tables = "[cells]\nmemory_mb = 320\n[limits]\ncpu_ms = 5000\n";
    let node = Node::start_with(tables, &[("large", ""), ("small", "")], &[("large", GROWING)])?;
    let neighbour = Client::start(&node, "small", "GET", "/");
    let answer = node.get("large", "/grow")?;
    assert!(answer.status == 503 && answer.text().contains("worker_crashed"), "{answer:?}");
    node.server.wait_for("more than [cells] memory_mb")?;
    node.wait_for_metric("skerry_cell_ends_total{reason=\"memory\"}", |count| count >= 1.0)?;
    assert_eq!(node.get("large", "/")?.status, 200);
    let seen = neighbour.stop()?;
    assert!(seen.iter().all(|seen| seen.status == 200), "{:?}", seen.iter().find(|seen| seen.status != 200));
    Ok(())
}
