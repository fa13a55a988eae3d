//! Ends of cells: by whoever kills them, and of those that do not answer.

use std::time::{Duration, Instant};

use skerry_tests::client;

use crate::Failure;
use crate::node::{Client, Node, Seen, host};

/// A second is the promise; the machine may be busy.
const AGAIN_MAX: Duration = Duration::from_secs(5);
/// When a cell that does not answer is given up at the latest, with a core or without.
const HUNG_MAX: Duration = Duration::from_millis(4_900);
/// By then a cell that does not answer is avoided, and not given up.
const AVOIDED: Duration = Duration::from_millis(750);

/// Served, or turned away in the way that is promised.
fn check(seen: &Seen) -> Result<(), Failure> {
    let is_shed = seen.status == 503 && seen.retry_after.is_some();
    if seen.status == 200 || is_shed { Ok(()) } else { Err(format!("an answer is {seen:?}").into()) }
}

#[test]
fn all_cells_at_once_may_be_killed_under_load() -> Result<(), Failure> {
    let node = Node::start("cells = { count = 2, spare = 1 }", &[("a", ""), ("b", ""), ("c", "")])?;
    node.wait_for_metric("skerry_cells{state=\"spare\"}", |count| count == 1.0)?;
    for worker in ["a", "b", "c"] {
        assert_eq!(node.get(worker, "/")?.status, 200);
    }
    let load: Vec<_> = ["a", "b", "c", "a", "b", "c"]
        .iter()
        .enumerate()
        .map(|(index, worker)| Client::start(&node, worker, if index < 3 { "GET" } else { "POST" }, "/slow?ms=5"))
        .collect();
    // A third time counts against those who ran alone.
    for _ in 0..2 {
        std::thread::sleep(Duration::from_millis(300));
        let killed = Instant::now();
        Node::signal(&node.server.cells(), "KILL")?;
        let again = loop {
            let is_served = |client: &Client| client.seen().iter().any(|seen| seen.sent > killed && seen.status == 200);
            if load.iter().all(is_served) {
                break killed.elapsed();
            }
            assert!(killed.elapsed() < 4 * AGAIN_MAX, "no answers any more:\n{}", node.server.printed());
            std::thread::sleep(Duration::from_millis(5));
        };
        println!("All workers answer again after {again:.0?}");
        assert!(again < AGAIN_MAX, "all workers answer again after {again:?}");
    }
    let mut turned_away = 0;
    for (index, client) in load.into_iter().enumerate() {
        let seen = client.stop()?;
        seen.iter().try_for_each(check)?;
        let failed = seen.iter().filter(|seen| seen.status != 200).count();
        assert!(failed * 2 < seen.len(), "{failed} of {} requests failed", seen.len());
        // What may be repeated is, and its client sees nothing.
        let first_failed = seen.iter().find(|seen| seen.status != 200);
        assert!(index >= 3 || failed == 0, "a request that may be repeated was not: {first_failed:?}");
        turned_away += failed;
    }
    assert!(turned_away > 0, "no request was under way: the test tries nothing");
    Ok(())
}

#[test]
fn what_may_be_repeated_is_when_a_cell_is_killed_and_nothing_else() -> Result<(), Failure> {
    let node = Node::start("cells = { count = 1, spare = 1 }", &[("a", "")])?;
    node.wait_for_metric("skerry_cells{state=\"spare\"}", |count| count == 1.0)?;
    for (method, expected) in [("GET", (200, "slow")), ("POST", (503, "worker_ended"))] {
        let address = node.address();
        let asked = std::thread::spawn(move || client::request(address, method, "/slow?ms=1500", &[("host", &host("a"))], b""));
        std::thread::sleep(Duration::from_millis(700));
        Node::signal(&node.server.cells(), "KILL")?;
        let answer = asked.join().map_err(|_| "the client panicked")??;
        assert!((answer.status, answer.text().contains(expected.1)) == (expected.0, true), "{method}: {answer:?}");
        assert_eq!(node.get("a", "/")?.text(), "hello 1");
    }
    node.server.wait_for("a cell has ended, and it cannot be told by whose doing: SIGKILL")?;
    Ok(())
}

/// Both tenants wait in it when it is given up: nobody can say whose doing it was, so both are served elsewhere.
#[test]
fn a_cell_that_does_not_answer_is_replaced() -> Result<(), Failure> {
    let node = Node::start("cells = { count = 1, spare = 0 }", &[("a", ""), ("b", "")])?;
    for worker in ["a", "b"] {
        assert_eq!(node.get(worker, "/")?.text(), "hello 1");
    }
    let cells = node.server.cells();
    assert_eq!(cells.len(), 1, "the test does not know which cell it is");
    Node::signal(&cells, "STOP")?;
    let began = Instant::now();
    let address = node.address();
    let asked = ["a", "b"]
        .map(|worker| std::thread::spawn(move || client::request(address, "GET", "/", &[("host", &host(worker))], b"")));
    for asked in asked {
        let answer = asked.join().map_err(|_| "the client panicked")??;
        assert_eq!((answer.status, answer.text().as_str()), (200, "hello 1"));
    }
    let waited = began.elapsed();
    assert!(waited > Duration::from_secs(1) && waited < HUNG_MAX, "it was replaced after {waited:?}");
    assert_eq!(node.metric("skerry_cell_ends_total{reason=\"hung\"}")?, 1.0);
    assert!(!node.server.cells().contains(&cells[0]), "the process is still there");
    Ok(())
}

/// Whether requests are answered while each of two cells is stopped for a while, and neither is given up.
fn is_avoided() -> Result<bool, Failure> {
    let node = Node::start("cells = { count = 2, spare = 0 }", &[("a", "")])?;
    node.wait_for_metric("skerry_cells{state=\"shared\"}", |count| count == 2.0)?;
    let cells = node.server.cells();
    // The worker is in one of them.
    for cell in &cells {
        assert_eq!(node.get("a", "/")?.status, 200);
        Node::signal(&[*cell], "STOP")?;
        std::thread::sleep(AVOIDED);
        let status = node.get("a", "/")?.status;
        Node::signal(&[*cell], "CONT")?;
        if status != 200 || node.metric("skerry_cell_ends_total{reason=\"hung\"}")? > 0.0 {
            return Ok(false);
        }
        std::thread::sleep(AVOIDED);
    }
    Ok(node.server.cells() == cells)
}

/// On a machine that does other things a cell may be given up before it is avoided.
#[test]
fn what_comes_for_a_cell_that_does_not_answer_goes_to_another() -> Result<(), Failure> {
    for _ in 0..3 {
        if is_avoided()? {
            return Ok(());
        }
    }
    Err("requests waited until their cell was given up".into())
}
