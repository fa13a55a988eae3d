//! Workers of different trust never share a process.

use crate::Failure;
use crate::node::Node;

/// What ends is the process of the one alone: the other's isolate, with what it counts, is not even another one.
#[test]
fn workers_of_different_trust_share_no_process() -> Result<(), Failure> {
    let strange = "trust = \"strange\"";
    let workers = [("ours", ""), ("also", ""), ("theirs", strange), ("others", strange)];
    let node = Node::start("cells = { count = 1, spare = 1 }", &workers)?;
    for round in 1..=2 {
        for (worker, _) in workers {
            assert_eq!(node.get(worker, "/")?.text(), format!("hello {round}"), "{worker}");
        }
    }
    assert_eq!(node.metric("skerry_cells{state=\"shared\"}")?, 2.0);
    assert_eq!(node.get("theirs", "/fault?name=segv")?.status, 503);
    // Who shared it starts again, and nobody else does.
    for (worker, expected) in [("ours", "hello 3"), ("also", "hello 3"), ("others", "hello 1"), ("theirs", "hello 1")] {
        assert_eq!(node.get(worker, "/")?.text(), expected, "{worker}");
    }
    Ok(())
}
