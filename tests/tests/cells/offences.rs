//! Tenants that end their cells: they get one of their own, and are barred when they go on.

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
        let mut waited = std::time::Duration::ZERO;
        let began = std::time::Instant::now();
        loop {
            let answer = node.get("bad", "/")?;
            if answer.status == 200 {
                assert_eq!(answer.text(), "hello 1");
                break;
            }
            assert!(answer.status == 503 && answer.text().contains("worker_barred"), "{answer:?}");
            assert!(answer.header("retry-after").is_some(), "{answer:?}");
            waited = began.elapsed();
            std::thread::sleep(std::time::Duration::from_millis(100));
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
    Ok(())
}
