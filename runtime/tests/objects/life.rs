//! Objects begin, wait, break and end.

use skerry_runtime::messages::{EventKind, FailureKind, FromIsolate, Handler, ObjectIds, Target, ToIsolate};

use crate::Case;
use crate::isolate::{Answer, Isolate, Outcome};

pub const CASES: &[(&str, Case)] = &[
    ("classes_are_told_apart", classes),
    ("a_commit_leaves_before_what_depends_on_it", order),
    ("an_object_that_is_closed_has_its_data_when_it_is_opened_again", reopen),
    ("a_closed_object_waits_for_the_log", close_waits),
    ("objects_of_one_isolate_are_apart", two),
    ("an_exception_takes_back_nothing", exception),
    ("what_is_aborted_has_never_been", abort),
    ("an_answer_that_depends_on_what_was_lost_does_not_leave", lost_answer),
    ("an_object_whose_constructor_throws_is_none", constructor),
    ("events_wait_for_the_constructor", slow_constructor),
    ("nothing_enters_a_critical_section", section),
    ("a_critical_section_that_fails_breaks_the_object", failing_section),
    ("an_event_may_wait_for_another", waiting),
    ("what_an_event_leaves_behind_is_the_objects", later),
    ("alarms_come_and_go", alarms),
    ("an_alarm_that_fails_stays", failing_alarm),
    ("sql_that_does_not_end_is_stopped", runaway),
    ("sql_that_does_not_end_writing_breaks_the_object", runaway_write),
    ("ids_are_of_their_namespace", ids),
    ("a_stub_says_whom_it_asks", stub),
    ("what_is_unknown_fails", unknown),
    ("an_isolate_that_retires_leaves_its_objects", retire),
];

fn commit(object: u32, number: u64) -> String {
    format!("commit {number} of {object}")
}

fn classes(isolate: &mut Isolate) -> Outcome {
    let of =
        |name: &str| isolate.entrypoints.iter().find(|entrypoint| entrypoint.name == name).map(|found| found.handlers.clone());
    assert_eq!(of("Room"), Some(vec![EventKind::Fetch, EventKind::Object, EventKind::Alarm]));
    assert_eq!(of("Plain"), Some(vec![EventKind::Fetch, EventKind::Object]));
    assert_eq!(of("default"), Some(vec![EventKind::Fetch]));
    assert_eq!(of("NotAnObject"), None);
    let object = isolate.open("Room", "lobby")?;
    let id = skerry_runtime::messages::text_of_object_id(&ObjectIds::new(&"1".repeat(32)).of_name("lobby", None));
    assert_eq!(isolate.text(object, "identity")?, format!(r#"{{"id":"{id}","name":"lobby","same":true,"props":{{}}}}"#));
    isolate.close(object)
}

fn order(isolate: &mut Isolate) -> Outcome {
    let object = isolate.open("Room", "order")?;
    for number in 1..=3 {
        let event = isolate.fetch(Handler::Object(object), &format!("put?key=a&value={number}"))?;
        isolate.wait_done(event)?;
        assert_eq!(isolate.order(), [commit(object, number), format!("response {event}")]);
        isolate.forget();
    }
    // What only reads commits nothing.
    let event = isolate.fetch(Handler::Object(object), "get?key=a")?;
    isolate.wait_done(event)?;
    assert_eq!(isolate.order(), [format!("response {event}")]);
    isolate.close(object)
}

fn reopen(isolate: &mut Isolate) -> Outcome {
    let first = isolate.open("Room", "again")?;
    isolate.text(first, "put?key=a&value=b")?;
    isolate.text(first, "put?key=a&value=c")?;
    isolate.close(first)?;
    let second = isolate.open("Room", "again")?;
    assert_eq!(isolate.text(second, "get?key=a")?, "\"c\"");
    isolate.text(second, "put?key=a&value=d")?;
    assert_eq!(isolate.replica(second).commits, 3);
    isolate.close(second)
}

fn close_waits(isolate: &mut Isolate) -> Outcome {
    isolate.acknowledges = false;
    let object = isolate.open("Room", "close")?;
    isolate.text(object, "put?key=a&value=b")?;
    isolate.send(ToIsolate::Cancel { id: object })?;
    // Whatever else is done meanwhile, it is not over before the log has its commit.
    let event = isolate.fetch(Handler::DEFAULT, "")?;
    isolate.wait_done(event)?;
    assert!(!isolate.order().contains(&format!("done {object}")), "{:?}", isolate.order());
    isolate.acknowledge(object, 1)?;
    isolate.wait_done(object)?;
    isolate.check_file(object)
}

fn two(isolate: &mut Isolate) -> Outcome {
    let (one, other) = (isolate.open("Room", "one")?, isolate.open("Plain", "other")?);
    isolate.text(one, "put?key=a&value=one")?;
    isolate.text(other, "put?key=a&value=other")?;
    assert_eq!(isolate.text(one, "get?key=a")?, "\"one\"");
    isolate.close(one)?;
    assert_eq!(isolate.text(other, "get?key=a")?, "\"other\"");
    isolate.close(other)
}

fn exception(isolate: &mut Isolate) -> Outcome {
    let object = isolate.open("Room", "throws")?;
    let failure = isolate.ask(object, "throws")?.failure()?;
    assert_eq!((failure.kind, failure.message.as_str()), (FailureKind::Exception, "RangeError: after a write"));
    assert_eq!(isolate.text(object, "get?key=kept")?, "1");
    isolate.close(object)
}

fn abort(isolate: &mut Isolate) -> Outcome {
    let object = isolate.open("Room", "abort")?;
    isolate.text(object, "put?key=kept&value=1")?;
    let waiting = isolate.fetch(Handler::Object(object), "waits")?;
    let failure = isolate.ask(object, "abort")?.failure()?;
    assert_eq!(failure.message, "Error: enough");
    assert_eq!(isolate.answer(waiting)?.failure()?.message, "Error: enough");
    assert_eq!(isolate.answer(object)?.failure()?.message, "Error: enough");
    isolate.wait_done(object)?;
    let late = isolate.ask(object, "get?key=kept")?.failure()?;
    assert_eq!(late.kind, FailureKind::IsolateEnded);
    isolate.check_file(object)?;
    let again = isolate.open("Room", "abort")?;
    assert_eq!(isolate.text(again, "get?key=lost")?, "null");
    assert_eq!(isolate.text(again, "get?key=kept")?, "\"1\"");
    isolate.close(again)
}

fn lost_answer(isolate: &mut Isolate) -> Outcome {
    let object = isolate.open("Room", "lost")?;
    isolate.text(object, "put?key=a&value=0")?;
    // Both in one turn, as a rule: the answer to the first must not leave when the second takes its write back.
    let before = isolate.replica(object).commits;
    let write = isolate.fetch(Handler::Object(object), "put?key=a&value=1")?;
    let abort = isolate.fetch(Handler::Object(object), "abort")?;
    isolate.answer(abort)?.failure()?;
    let answer = isolate.answer(write)?;
    let is_written = isolate.replica(object).commits > before;
    assert_eq!(matches!(answer, Answer::Response { .. }), is_written, "{answer:?}");
    if !is_written {
        return Ok(());
    }
    isolate.wait_done(object)?;
    lost_answer_again(isolate)
}

/// The two events came in two turns: another try with a new object.
fn lost_answer_again(isolate: &mut Isolate) -> Outcome {
    let object = isolate.open("Slow", "lost again")?;
    // Both wait for the constructor, and begin in one turn.
    let write = isolate.fetch(Handler::Object(object), "put?key=a&value=1")?;
    let abort = isolate.fetch(Handler::Object(object), "abort")?;
    isolate.answer(abort)?.failure()?;
    isolate.answer(write)?.failure()?;
    assert_eq!(isolate.replica(object).commits, 0);
    Ok(())
}

fn constructor(isolate: &mut Isolate) -> Outcome {
    let object = isolate.open("Throws", "constructor")?;
    let event = isolate.fetch(Handler::Object(object), "get?key=a")?;
    let failure = isolate.answer(object)?.failure()?;
    assert_eq!(failure.message, "SyntaxError: no object today");
    isolate.wait_done(object)?;
    assert!(matches!(isolate.answer(event)?, Answer::Failed(_)));
    assert_eq!(isolate.replica(object).commits, 0);
    let nothing = isolate.open("NotAnObject", "nothing")?;
    let failure = isolate.answer(nothing)?.failure()?;
    assert!(failure.message.contains("no class \"NotAnObject\" that extends DurableObject"), "{failure:?}");
    Ok(())
}

fn slow_constructor(isolate: &mut Isolate) -> Outcome {
    let object = isolate.open("Slow", "slow")?;
    let events = [isolate.fetch(Handler::Object(object), "log")?, isolate.fetch(Handler::Object(object), "log")?];
    for event in events {
        assert_eq!(isolate.answer(event)?.text()?, r#"["constructed"]"#);
    }
    isolate.close(object)
}

fn section(isolate: &mut Isolate) -> Outcome {
    let object = isolate.open("Room", "section")?;
    let later = isolate.fetch(Handler::Object(object), "later")?;
    let block = isolate.fetch(Handler::Object(object), "block")?;
    let log = isolate.fetch(Handler::Object(object), "log")?;
    isolate.answer(later)?.text()?;
    assert_eq!(isolate.answer(log)?.text()?, r#"["outside","in","out","after"]"#);
    assert_eq!(isolate.answer(block)?.text()?, "\"blocked\"");
    isolate.close(object)
}

fn failing_section(isolate: &mut Isolate) -> Outcome {
    let object = isolate.open("Room", "failing section")?;
    let failure = isolate.ask(object, "blockFails")?.failure()?;
    assert_eq!(failure.message, "Error: in a section");
    isolate.answer(object)?.failure()?;
    isolate.wait_done(object)
}

fn waiting(isolate: &mut Isolate) -> Outcome {
    let object = isolate.open("Room", "waiting")?;
    let waits = isolate.fetch(Handler::Object(object), "waits")?;
    // Nothing is under way, and nobody takes it for one that hangs.
    std::thread::sleep(std::time::Duration::from_millis(50));
    assert_eq!(isolate.text(object, "wakes")?, "\"wakes\"");
    assert_eq!(isolate.answer(waits)?.text()?, "\"woken\"");
    isolate.close(object)
}

fn later(isolate: &mut Isolate) -> Outcome {
    let object = isolate.open("Room", "later")?;
    let event = isolate.fetch(Handler::Object(object), "later")?;
    isolate.wait_done(event)?;
    isolate.wait(|message| matches!(message, FromIsolate::ObjectCommit(_)))?;
    assert_eq!(isolate.text(object, "get?key=later")?, "\"came\"");
    isolate.close(object)
}

fn alarms(isolate: &mut Isolate) -> Outcome {
    let plain = isolate.open("Plain", "no alarms")?;
    let failure = isolate.ask(plain, "alarm?at=5e12")?.failure()?;
    assert!(failure.message.contains("must have an alarm() handler"), "{failure:?}");
    let object = isolate.open("Room", "alarms")?;
    assert_eq!(isolate.text(object, "alarm?at=4000000000000")?, r#"{"alarm":4000000000000}"#);
    assert_eq!(isolate.replica(object).alarm_ms, Some(4_000_000_000_000));
    // One that was set to another time since.
    assert!(matches!(isolate.alarm(object, 3_000_000_000_000, 0)?, Answer::Response { status: 204, .. }));
    assert_eq!(isolate.text(object, "fired")?, "null");
    assert!(matches!(isolate.alarm(object, 4_000_000_000_000, 2)?, Answer::Response { status: 204, .. }));
    let fired = r#"[{"retryCount":2,"isRetry":true,"scheduledTime":4000000000000,"alarm":null}]"#;
    assert_eq!(isolate.text(object, "fired")?, fired);
    assert_eq!(isolate.replica(object).alarm_ms, None);
    // One that sets itself again.
    isolate.text(object, "put?key=again&value=5000000000000")?;
    isolate.text(object, "alarm?at=4000000000000")?;
    isolate.alarm(object, 4_000_000_000_000, 0)?.text()?;
    assert_eq!(isolate.replica(object).alarm_ms, Some(5_000_000_000_000));
    assert_eq!(isolate.text(object, "noAlarm")?, r#"{"alarm":null}"#);
    assert_eq!(isolate.replica(object).alarm_ms, None);
    let bad = isolate.text(object, "badAlarms")?;
    assert!(bad.contains("alarm time <= 0") && bad.contains("wants a Date") && bad.ends_with("true]"), "{bad}");
    isolate.close(object)?;
    isolate.close(plain)
}

fn failing_alarm(isolate: &mut Isolate) -> Outcome {
    let object = isolate.open("Room", "failing alarm")?;
    isolate.text(object, "put?key=fail&value=1")?;
    isolate.text(object, "alarm?at=4000000000000")?;
    for (retries, left) in [(0, Some(4_000_000_000_000)), (5, Some(4_000_000_000_000)), (6, None)] {
        let failure = isolate.alarm(object, 4_000_000_000_000, retries)?.failure()?;
        assert_eq!(failure.message, "Error: the alarm fails");
        assert_eq!(isolate.replica(object).alarm_ms, left, "after {retries} retries");
    }
    isolate.close(object)
}

fn runaway(isolate: &mut Isolate) -> Outcome {
    let (object, other) = (isolate.open("Room", "runaway")?, isolate.open("Room", "bystander")?);
    isolate.text(other, "put?key=a&value=b")?;
    let failure = isolate.ask(object, "runaway")?.failure()?;
    assert!(matches!(failure.kind, FailureKind::Exception | FailureKind::ObjectReset | FailureKind::CpuLimit), "{failure:?}");
    assert_eq!(isolate.text(other, "get?key=a")?, "\"b\"");
    assert_eq!(isolate.text(object, "get?key=a")?, "null");
    isolate.close(object)?;
    isolate.close(other)
}

fn runaway_write(isolate: &mut Isolate) -> Outcome {
    let (object, other) = (isolate.open("Room", "runaway write")?, isolate.open("Room", "bystander")?);
    isolate.text(other, "put?key=a&value=b")?;
    isolate.ask(object, "runawayWrite")?.failure()?;
    isolate.answer(object)?.failure()?;
    isolate.wait_done(object)?;
    assert_eq!(isolate.replica(object).commits, 0);
    assert_eq!(isolate.text(other, "get?key=a")?, "\"b\"");
    isolate.close(other)
}

fn ids(isolate: &mut Isolate) -> Outcome {
    let event = isolate.fetch(Handler::DEFAULT, "ids")?;
    let text = isolate.answer(event)?.text()?;
    let id = skerry_runtime::messages::text_of_object_id(&ObjectIds::new(&"1".repeat(32)).of_name("lobby", None));
    let invalid = "TypeError: Durable Object ID is not valid for this namespace.";
    let wanted = format!(
        concat!(
            r#"{{"text":"{id}","name":"lobby","again":true,"other":false,"foreign":false,"parsed":true,"unique":true,"#,
            r#""wrong":"TypeError: Invalid Durable Object ID: must be 64 hex digits","forged":"{invalid}","get":"{invalid}","#,
            r#""text_":"TypeError: Failed to execute 'get' on 'DurableObjectNamespace': parameter 1 is not of type 'DurableObjectId'.","#,
            r#""eu":"no error: {{}}","#,
            r#""stub":["lobby",true],"made":"TypeError: Illegal constructor"}}"#
        ),
        id = id,
        invalid = invalid
    );
    assert_eq!(text, wanted);
    Ok(())
}

fn stub(isolate: &mut Isolate) -> Outcome {
    isolate.fetch(Handler::DEFAULT, "ask")?;
    let asked = isolate.wait(|message| matches!(message, FromIsolate::Subrequest { .. }))?;
    let FromIsolate::Subrequest { request, .. } = asked else { return Err("it is another message".into()) };
    let id = ObjectIds::new(&"1".repeat(32)).of_name("lobby", None);
    assert_eq!(request.target, Target::Object { binding: 0, id, name: Some("lobby".to_owned()) });
    assert_eq!(request.head.url, "http://object/path");
    Ok(())
}

fn unknown(isolate: &mut Isolate) -> Outcome {
    let failure = isolate.ask(77, "get?key=a")?.failure()?;
    assert_eq!(failure.kind, FailureKind::IsolateEnded);
    let failure = isolate.alarm(77, 5, 0)?.failure()?;
    assert_eq!(failure.kind, FailureKind::IsolateEnded);
    isolate.send(ToIsolate::ObjectDurable { object: 77, number: 5 })?;
    let object = isolate.open("Room", "known")?;
    // The log cannot have what was not written.
    isolate.acknowledge(object, 1_000)?;
    isolate.text(object, "put?key=a&value=b")?;
    isolate.close(object)
}

fn retire(isolate: &mut Isolate) -> Outcome {
    let object = isolate.open("Room", "retire")?;
    isolate.text(object, "put?key=a&value=b")?;
    isolate.send(ToIsolate::Retire)?;
    isolate.wait_done(object)?;
    isolate.wait(|message| matches!(message, FromIsolate::Ended)).map(drop)
}
