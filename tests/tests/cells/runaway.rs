//! Cells that were taken over and work for somebody else: on threads, and in time, that nothing in them accounts for.

use crate::Failure;
use crate::node::{Client, Node};

fn is_replaced(fault: &str, reason: &str) -> Result<(), Failure> {
    let node = Node::start("cells = { count = 1, spare = 1 }", &[("bad", ""), ("good", "")])?;
    assert_eq!(node.get("bad", "/")?.text(), "hello 1");
    let neighbour = Client::start(&node, "good", "GET", "/");
    let before = node.server.cells();
    for round in 1..=2 {
        assert_eq!(node.get("bad", &format!("/fault?name={fault}"))?.text(), "no fault");
        node.wait_for_metric("skerry_cell_ends_total{reason=\"runaway\"}", |count| count == f64::from(round))?;
        assert_eq!(node.get("bad", "/")?.text(), "hello 1");
    }
    assert!(node.server.cells().iter().all(|cell| !before.contains(cell)), "a process is still there");
    let line = node.server.wait_for_count("a cell is replaced: it ", 2)?;
    assert!(line.contains(reason) && line.contains("suspects="), "{line}");
    // Of two in it nobody was moved; who was there again is alone from now on.
    node.wait_for_metric("skerry_cells{state=\"own\"}", |count| count >= 1.0)?;
    let seen = neighbour.stop()?;
    let failed = seen.iter().find(|seen| seen.status != 200);
    assert!(seen.len() > 100 && failed.is_none(), "of {} answers one is {failed:?}", seen.len());
    for other in ["crashed", "broke_protocol", "hung", "memory", "stuck"] {
        assert_eq!(node.metric(&format!("skerry_cell_ends_total{{reason=\"{other}\"}}"))?, 0.0, "{other}");
    }
    Ok(())
}

#[test]
fn a_cell_that_computes_for_itself_is_replaced() -> Result<(), Failure> {
    is_replaced("spin", "nothing in it accounts for that")
}

#[test]
fn a_cell_with_threads_of_its_own_is_replaced() -> Result<(), Failure> {
    is_replaced("threads", "threads, and needs no more than")
}

/// What it says of an event counts in figures, and decides how many isolates a worker gets.
#[test]
fn no_event_has_used_more_than_its_process() -> Result<(), Failure> {
    let node = Node::start("cells = { count = 1, spare = 0 }", &[("bad", "")])?;
    // The first event is answered, and then said to have used an hour.
    assert_eq!(node.get("bad", "/fault-later?name=claim")?.text(), "a fault comes");
    node.wait_for_metric("skerry_cpu_microseconds_total", |used| used > 0.0)?;
    let used = node.metric("skerry_cpu_microseconds_total")?;
    assert!(used < 60e6, "it has used {used} us");
    Ok(())
}
