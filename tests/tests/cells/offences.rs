//! Tenants that end their cells: they get one of their own, and are barred when they go on.

use std::time::{Duration, Instant};

use skerry_tests::server::PATIENCE;

use crate::Failure;
use crate::node::{Client, Node};

#[test]
fn a_tenant_that_ends_its_cell_gets_one_of_its_own_and_is_barred_when_it_goes_on() -> Result<(), Failure> {
    let node = Node::start("cells = { count = 1, spare = 1 }", &[("bad", ""), ("good", "")])?;
    assert_eq!(node.get("bad", "/")?.text(), "hello 1");
    assert_eq!(node.metric("skerry_cells{state=\"own\"}")?, 0.0);
    let neighbour = Client::start(&node, "good", "GET", "/");
    let mut bars = Vec::new();
    for offence in 0..5 {
        let fault = node.get("bad", "/fault?name=segv")?;
        assert!(fault.status == 503 && fault.text().contains("worker_crashed"), "{fault:?}");
        let mut waited = Duration::ZERO;
        let began = Instant::now();
        loop {
            let answer = node.get("bad", "/")?;
            if answer.status == 200 {
                assert_eq!(answer.text(), "hello 1");
                break;
            }
            assert!(answer.status == 503 && answer.text().contains("worker_barred"), "{answer:?}");
            assert!(answer.header("retry-after").is_some(), "{answer:?}");
            waited = began.elapsed();
            std::thread::sleep(Duration::from_millis(100));
        }
        bars.push(waited.as_secs_f64());
        assert_eq!(node.metric("skerry_cells{state=\"own\"}")?, 1.0, "after offence {}", offence + 1);
    }
    // The first was in a cell that it shared, the second is forgiven; then it is 1 s, 4 s, 16 s.
    let expected = [0.0..=0.0, 0.0..=0.0, 0.5..=3.5, 3.0..=9.0, 14.0..=25.0];
    assert!(bars.iter().zip(&expected).all(|(bar, expected)| expected.contains(bar)), "{bars:?}");
    let seen = neighbour.stop()?;
    assert!(
        seen.len() > 1_000 && seen.iter().all(|seen| seen.status == 200),
        "{:?}",
        seen.iter().find(|seen| seen.status != 200)
    );
    assert_eq!(node.metric("skerry_cell_ends_total{reason=\"crashed\"}")?, 5.0);
    let line = node.server.wait_for_count("a worker has ended its cell: SIGSEGV", 5)?;
    assert!(line.contains(" worker=\"") && line.contains(" version=\"\""), "{line}");
    node.server.wait_for("The worker ended the process it ran in: SIGSEGV. It gets a process of its own")?;
    node.server.wait_for("That was too often: it is not run for 16 s")?;
    // Barred for a minute is what did it, and not what mends it.
    node.get("bad", "/fault?name=segv")?;
    assert!(node.get("bad", "/")?.text().contains("worker_barred"));
    node.replace("bad", "export default { fetch() { return new Response('mended'); } };")?;
    let mended = node.get("bad", "/")?;
    assert_eq!(mended.text(), "mended", "{mended:?}");
    Ok(())
}

#[test]
fn whoever_kills_cells_from_outside_bars_nobody() -> Result<(), Failure> {
    let node = Node::start("cells = { count = 1, spare = 1 }", &[("a", "")])?;
    node.get("a", "/fault?name=segv")?;
    for round in 0..5 {
        serves(&node, round)?;
        Node::signal(&node.server.cells(), "KILL")?;
        node.wait_for_metric("skerry_cell_ends_total{reason=\"crashed\"}", |ends| ends > f64::from(round + 1))?;
    }
    serves(&node, 5)
}

/// A spare one that is killed while it comes up is waited for.
fn serves(node: &Node, round: u32) -> Result<(), Failure> {
    let began = Instant::now();
    loop {
        let answer = node.get("a", "/")?;
        assert!(!answer.text().contains("worker_barred"), "round {round}: {answer:?}");
        if answer.status == 200 {
            return Ok(());
        }
        assert!(began.elapsed() < PATIENCE, "round {round}: {answer:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn what_cells_need_at_rest_must_be_what_they_may_have() -> Result<(), Failure> {
    let outcome = Node::start("cells = { count = 16, spare = 1, memory_mb = 256 }", &[("a", "")]);
    let error = outcome.err().ok_or("the node starts")?.to_string();
    assert!(error.contains("17 cells take 340 MB at rest") && error.contains("[cells] memory_mb"), "{error}");
    let outcome = Node::start("isolation = \"threads\"", &[("a", "trust = \"ours\"")]);
    let error = outcome.err().ok_or("the node starts")?.to_string();
    assert!(error.contains("a.js: trust = \"ours\""), "{error}");
    Ok(())
}
