use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use parking_lot::Mutex;
use skerry_objects::{Engine, Object, ObjectId, Options, Owned, Recall};
use skerry_runtime::messages::{
    Body, EventId, Failure, FromIsolate, LogLevel, LogLine, ObjectCommit, ObjectRecall, Outcome, PAGE_BYTES, Page, PageSet,
    ResponseHead, SocketMessage,
};

use super::{Gates, Outlet, Remains};

type Failed = Box<dyn std::error::Error>;

#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl Heard {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock())
    }
}

impl Outlet for Heard {
    fn deliver(&self, message: FromIsolate) {
        let text = match message {
            FromIsolate::Response { event, head, .. } => format!("response {event} {}", head.status.as_u16()),
            FromIsolate::Done { event, .. } => format!("done {event}"),
            FromIsolate::Socket { socket, message } => format!("socket {socket} {message:?}"),
            FromIsolate::Log { .. } => "log".to_owned(),
            FromIsolate::Ended => "ended".to_owned(),
            other => format!("{other:?}"),
        };
        self.0.lock().push(text);
    }

    fn refuse(&self, asked: FromIsolate) {
        self.0.lock().push(format!("refused {asked:?}"));
    }

    fn recall(&self, asked: ObjectRecall, past: Option<Recall>) {
        let bookmark = past.map(|past| past.bookmark().as_str()[..16].to_owned());
        self.0.lock().push(format!("recall {} of {}: {bookmark:?}", asked.id, asked.object));
    }

    fn break_off(&self, Remains { events, streams, sockets }: Remains, failure: &Failure) {
        self.0.lock().push(format!("broken {events:?} {streams:?} {sockets:?}: {}", failure.message));
    }
}

fn commit(object: EventId, number: u64, pages: std::ops::RangeInclusive<u32>, has_more: bool) -> FromIsolate {
    let page = |number| Page { number, bytes: Bytes::from(vec![7; PAGE_BYTES]) };
    let pages = PageSet { page_count: *pages.end(), pages: pages.map(page).collect() };
    FromIsolate::ObjectCommit(ObjectCommit { object, number, pages, has_more, alarm_ms: None })
}

fn response(event: EventId, socket: Option<u32>) -> FromIsolate {
    let status = StatusCode::OK;
    let head = ResponseHead { status, status_text: String::new(), headers: HeaderMap::new(), socket, encoded: false };
    FromIsolate::Response { event, head, body: Body::Empty }
}

fn done(event: EventId) -> FromIsolate {
    FromIsolate::Done { event, outcome: Outcome::default() }
}

async fn owned(engine: &Engine, id: u8) -> Result<Arc<Owned>, Failed> {
    let object = Object { id: ObjectId([id; 32]), namespace: "rooms".to_owned(), name: None };
    Ok(Arc::new(engine.own(&object).await?))
}

#[tokio::test]
async fn what_was_said_after_a_write_waits_until_it_is_safe() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let engine = Engine::open(folder.path(), Options::default()).await?;
    let (gates, heard) = (Gates::default(), Heard::default());
    let (one, other) = (owned(&engine, 1).await?, owned(&engine, 2).await?);
    let first = one.position();
    let mut closed = gates.open(10, one.clone(), Arc::default());
    let _other_closed = gates.open(20, other.clone(), Arc::default());
    gates.enter(11, 10, 0);
    gates.enter(12, 10, 0);
    gates.enter(21, 20, 0);
    assert!(!gates.is_idle(10));

    gates.pass(response(11, None), &heard);
    assert_eq!(heard.take(), ["response 11 200"]);
    gates.pass(commit(10, first + 1, 1..=1, true), &heard);
    gates.pass(commit(10, first + 1, 2..=2, false), &heard);
    gates.pass(response(12, Some(5)), &heard);
    gates.pass(FromIsolate::Socket { socket: 5, message: SocketMessage::Text("a".to_owned()) }, &heard);
    gates.pass(done(11), &heard);
    // Of another object, of none, and what says nothing of its own.
    gates.pass(response(21, None), &heard);
    gates.pass(FromIsolate::Log { event: None, line: LogLine { level: LogLevel::Log, text: String::new() } }, &heard);
    gates.pass(FromIsolate::Socket { socket: 5, message: SocketMessage::Credit { bytes: 1 } }, &heard);
    assert_eq!(heard.take(), ["response 21 200", "log", "socket 5 Credit { bytes: 1 }"]);

    gates.settle(10, first, &heard);
    assert_eq!(heard.take(), Vec::<String>::new());
    one.acknowledged().wait_for(first + 1).await?;
    gates.settle(10, first + 1, &heard);
    assert_eq!(heard.take(), ["response 12 200", "socket 5 Text(\"a\")", "done 11"]);
    gates.pass(done(12), &heard);
    assert!(!gates.is_idle(10), "its socket is open");
    gates.socket_closed(5);
    assert!(gates.is_idle(10));
    gates.pass(done(10), &heard);
    assert!(matches!(closed.try_recv(), Ok(Ok(()))));
    assert_eq!(heard.take(), ["done 12"]);
    Ok(())
}

#[tokio::test]
async fn a_broken_object_says_nothing_more_and_harms_no_other() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let engine = Engine::open(folder.path(), Options::default()).await?;
    let (gates, heard) = (Gates::default(), Heard::default());
    let (one, other) = (owned(&engine, 1).await?, owned(&engine, 2).await?);
    let mut closed = gates.open(10, one.clone(), Arc::default());
    let mut other_closed = gates.open(20, other.clone(), Arc::default());
    gates.enter(11, 10, 0);
    gates.enter(21, 20, 0);
    gates.pass(commit(10, one.position() + 1, 1..=1, false), &heard);
    gates.pass(response(11, Some(5)), &heard);
    // Somebody else owns it by now.
    let _taken_over = owned(&engine, 1).await?;
    one.acknowledged().broken().await;
    gates.break_object(10, &super::failures::broken("it has another owner"), &heard);
    assert_eq!(heard.take(), ["broken [11] [] [5]: it has another owner"]);
    assert!(matches!(closed.try_recv(), Ok(Err(_))));
    gates.pass(FromIsolate::Socket { socket: 5, message: SocketMessage::Text("late".to_owned()) }, &heard);
    let target = skerry_runtime::messages::Target::Service(0);
    let message = FromIsolate::Rpc { socket: 9, event: Some(10), target, first: Bytes::new() };
    gates.pass(message, &heard);
    gates.pass(done(11), &heard);
    gates.pass(done(10), &heard);
    gates.pass(commit(10, 100, 1..=1, false), &heard);
    // Numbers that are not the next break the object that claims them.
    gates.pass(commit(20, other.position() + 2, 1..=1, false), &heard);
    let said = heard.take();
    // Events that are through are let go.
    assert_eq!(said[..2], ["done 11", "done 10"]);
    assert!(matches!(&said[2..], [only] if only.starts_with("broken [21]") && only.contains("order")), "{said:?}");
    assert!(matches!(other_closed.try_recv(), Ok(Err(_))));
    Ok(())
}

#[tokio::test]
async fn an_isolate_has_ended_when_all_it_said_is_out() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let engine = Engine::open(folder.path(), Options::default()).await?;
    let (gates, heard) = (Gates::default(), Heard::default());
    let one = owned(&engine, 1).await?;
    let number = one.position() + 1;
    let mut closed = gates.open(10, one.clone(), Arc::default());
    gates.enter(11, 10, 0);
    gates.pass(commit(10, number, 1..=1, false), &heard);
    gates.pass(response(11, None), &heard);
    gates.pass(FromIsolate::Ended, &heard);
    assert_eq!(heard.take(), Vec::<String>::new());
    one.acknowledged().wait_for(number).await?;
    gates.settle(10, number, &heard);
    assert_eq!(heard.take(), ["response 11 200", "ended"]);
    assert!(matches!(closed.try_recv(), Ok(Err(_))));
    Ok(())
}

fn recall(object: EventId, id: u32) -> FromIsolate {
    FromIsolate::ObjectRecall(ObjectRecall { object, id, question: skerry_runtime::messages::Recall::Now })
}

#[tokio::test]
async fn an_object_asks_about_its_own_past_behind_its_writes() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let engine = Engine::open(folder.path(), Options::default()).await?;
    let (gates, heard) = (Gates::default(), Heard::default());
    let one = owned(&engine, 1).await?;
    let number = one.position() + 1;
    let _closed = gates.open(10, one.clone(), Arc::default());
    gates.enter(11, 10, 0);
    gates.pass(recall(10, 1), &heard);
    gates.pass(commit(10, number, 1..=1, false), &heard);
    gates.pass(recall(10, 2), &heard);
    gates.pass(commit(10, number + 1, 1..=1, false), &heard);
    assert_eq!(heard.take(), ["recall 1 of 10: Some(\"0000000000000001\")"]);
    one.acknowledged().wait_for(number + 1).await?;
    gates.settle(10, number + 1, &heard);
    assert_eq!(heard.take(), ["recall 2 of 10: Some(\"0000000000000002\")"], "where it stood when it asked");
    // In the name of an event, of nobody, and of an object that is over.
    gates.pass(recall(11, 3), &heard);
    gates.pass(recall(99, 4), &heard);
    gates.break_object(10, &super::failures::broken("over"), &heard);
    gates.pass(recall(10, 5), &heard);
    let said = heard.take();
    assert_eq!(said.iter().filter(|line| line.starts_with("recall")).count(), 0, "{said:?}");
    Ok(())
}

#[tokio::test]
async fn who_belongs_to_no_event_asks_for_nothing_where_objects_live() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let engine = Engine::open(folder.path(), Options::default()).await?;
    let (gates, heard) = (Gates::default(), Heard::default());
    let asks = |event| {
        let target = skerry_runtime::messages::Target::Network;
        FromIsolate::Rpc { socket: 9, event, target, first: Bytes::new() }
    };
    gates.pass(asks(None), &heard);
    assert!(heard.take()[0].starts_with("Rpc"), "no object has written anything");
    let one = owned(&engine, 1).await?;
    let _closed = gates.open(10, one.clone(), Arc::default());
    gates.enter(11, 10, 0);
    gates.pass(asks(None), &heard);
    gates.pass(asks(Some(11)), &heard);
    let said = heard.take();
    assert!(said.len() == 2 && said[0].starts_with("refused Rpc") && said[1].starts_with("Rpc"), "{said:?}");
    Ok(())
}

#[tokio::test]
async fn what_waits_at_the_gates_of_an_isolate_is_bounded() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let engine = Engine::open(folder.path(), Options::default()).await?;
    let (gates, heard) = (Gates::default(), Heard::default());
    let (one, other) = (owned(&engine, 1).await?, owned(&engine, 2).await?);
    let closed = [gates.open(10, one.clone(), Arc::default()), gates.open(20, other.clone(), Arc::default())];
    let large = Bytes::from(vec![0; 1 << 20]);
    let said = |socket| FromIsolate::Socket { socket, message: SocketMessage::Binary(large.clone()) };
    for (object, owned) in [(10, &one), (20, &other)] {
        gates.enter(object + 1, object, 0);
        gates.pass(response(object + 1, Some(object + 5)), &heard);
        gates.pass(commit(object, owned.position() + 1, 1..=1, false), &heard);
        (0..127).for_each(|_| gates.pass(said(object + 5), &heard));
    }
    assert_eq!(heard.take().len(), 2, "254 MiB wait");
    (0..2).for_each(|_| gates.pass(said(15), &heard));
    let told = heard.take();
    assert!(matches!(&told[..], [only] if only.starts_with("broken [11]") && only.contains("256 MiB")), "{} told", told.len());
    // There is room again, and the other goes on.
    (0..100).for_each(|_| gates.pass(said(25), &heard));
    other.acknowledged().wait_for(other.position()).await?;
    gates.settle(20, other.position(), &heard);
    assert_eq!(heard.take().len(), 227);
    (0..300).for_each(|_| gates.pass(said(25), &heard));
    assert_eq!(heard.take().len(), 300, "nothing waits any more");
    drop(closed);
    Ok(())
}

#[tokio::test]
async fn a_commit_that_the_log_had_no_room_for_is_told_of() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let options = Options { waiting_bytes_max: 3 * PAGE_BYTES, ..Options::default() };
    let engine = Engine::open(folder.path(), options).await?;
    let (gates, heard) = (Gates::default(), Heard::default());
    let one = owned(&engine, 1).await?;
    let _closed = gates.open(10, one.clone(), Arc::default());
    let held_up = gates.held_up(10).ok_or("it lives")?;
    let first = one.position() + 1;
    // What waits of one object is bounded, too: one of these at least is not taken at once.
    (0..200).for_each(|number| gates.pass(commit(10, first + number, 1..=3, false), &heard));
    assert!(gates.is_held_up(10));
    held_up.notified().await;
    while gates.is_held_up(10) {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        gates.settle(10, one.acknowledged().position(), &heard);
    }
    one.acknowledged().wait_for(first + 199).await?;
    Ok(())
}
