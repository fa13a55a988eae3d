//! Uploads are tried out in cells, which need not say how that went, and may end meanwhile.

use std::time::{Duration, Instant};

use serde_json::json;
use skerry_tests::deploys::{Form, Site};
use skerry_tests::family;

use crate::Failure;
use crate::node::Node;

/// Tried out at once.
const PLACES: usize = 16;
/// For one that is not heard of, and some more.
const GIVEN_UP: Duration = Duration::from_secs(60);

fn code(global: &str) -> Vec<u8> {
    Form::of(&format!("{global}\nexport default {{ fetch() {{ return new Response(\"served\"); }} }};\n"), json!({}))
}

fn fault(name: &str) -> Vec<u8> {
    code(&format!("console.log(\"skerry-test fault: {name}\");"))
}

#[test]
fn uploads_that_are_never_heard_of_leave_room_for_others() -> Result<(), Failure> {
    let site = Site::start_with_faults(&[])?;
    let began = Instant::now();
    let upload = |name: String| (name.clone(), site.put(&name, &fault("mute")));
    let mute: Vec<_> = std::thread::scope(|scope| {
        let uploads: Vec<_> = (0..PLACES).map(|number| scope.spawn(move || upload(format!("mute-{number}")))).collect();
        uploads.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
    });
    for uploaded in mute {
        let (name, answer) = uploaded.map_err(|_| "an upload panicked")?;
        let (status, value) = answer?;
        assert!(status == 400 && value.to_string().contains("nothing was heard of it"), "{name}: {status} {value}");
    }
    assert!(began.elapsed() < GIVEN_UP, "they were given up after {:?}", began.elapsed());
    assert_eq!(site.put("fine", &code(""))?.0, 200);
    Ok(())
}

#[test]
fn a_version_that_ends_its_process_is_refused_for_that() -> Result<(), Failure> {
    let site = Site::start_with_faults(&[])?;
    let (status, value) = site.put("bad", &fault("segv"))?;
    assert!(status == 400 && value.to_string().contains("The worker ended the process it ran in: SIGSEGV"), "{status} {value}");
    assert_eq!(site.put("fine", &code(""))?.0, 200);
    Ok(())
}

#[test]
fn a_version_whose_process_somebody_else_ended_is_tried_again() -> Result<(), Failure> {
    let site = Site::start_with_faults(&[])?;
    let slow = code("await scheduler.wait(1500);");
    let (slow, killed) = std::thread::scope(|scope| {
        let slow = scope.spawn(|| site.put("slow", &slow));
        std::thread::sleep(Duration::from_millis(700));
        let killed = Node::signal(&family::children(site.pid()), "KILL");
        (slow.join(), killed)
    });
    killed?;
    let (status, value) = slow.map_err(|_| "an upload panicked")??;
    assert_eq!(status, 200, "{value}");
    Ok(())
}
