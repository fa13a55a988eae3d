//! What worker code does with an object's storage.

use skerry_runtime::messages::FromIsolate;

use crate::Case;
use crate::isolate::{Isolate, Outcome};

pub const CASES: &[(&str, Case)] = &[
    ("values_come_back_as_they_were", values),
    ("keys_are_listed_in_their_order", lists),
    ("sql_gives_rows", sql),
    ("sql_leads_nowhere_else", escapes),
    ("what_is_too_large_is_refused", large),
    ("a_large_commit_comes_in_parts", parts),
    ("transactions_stay_or_go_as_a_whole", transactions),
    ("sync_waits_for_the_log", sync),
    ("all_can_be_deleted_at_once", delete_all),
];

/// The answer is this JSON.
fn expect(isolate: &mut Isolate, class: &str, path: &str, wanted: &str) -> Outcome {
    let object = isolate.open(class, path)?;
    let text = isolate.text(object, path)?;
    let squeezed = |text: &str| text.split('\n').map(str::trim).collect::<String>();
    if squeezed(&text) != squeezed(wanted) {
        return Err(format!("{path} gives\n{text}\ninstead of\n{}", squeezed(wanted)).into());
    }
    isolate.close(object)
}

fn values(isolate: &mut Isolate) -> Outcome {
    expect(
        isolate,
        "Room",
        "values",
        r#"{"same":true,"cycle":true,"many":["cycle","values"],
        "undefined":"TypeError: put() called with undefined value. It takes a key and a value; several at once are for storage.put({ key: value })",
        "function":"DataCloneError: () => {} could not be cloned.",
        "ctx":"DataCloneError: #<DurableObjectStorage> could not be cloned.",
        "headers":"DataCloneError: #<Headers> could not be cloned.",
        "blob":"DataCloneError: #<Blob> could not be cloned."}"#,
    )
}

fn lists(isolate: &mut Isolate) -> Outcome {
    expect(
        isolate,
        "Room",
        "lists",
        r#"{"size":1000,"ordered":true,"reversed":true,"range":["k0003","k0004","k0005"],"after":["k0004","k0005"],
        "last":["other","k0999"],"long":700,
        "both":"TypeError: list() cannot be called with both start and startAfter values.",
        "zero":"TypeError: List limit must be positive.",
        "sync":["k00001001","k00011001"],"deleted":2,"one":[true,false],"kv":[1,true,null,false],"left":997}"#,
    )
}

fn sql(isolate: &mut Isolate) -> Outcome {
    expect(
        isolate,
        "Room",
        "sql",
        r#"{"returned":[{"id":1},{"id":2}],"written":4,"columnNames":["id","a","b","r"],"first":[false,1,"é","1,2"],
        "rest":[[2,null,1,1.5]],"done":{"done":true},"seen":602,"read":602,"raw":[[1,2,3]],"helper":[1,2],"proto":["__proto__"],
        "types":{"a":"real","b":"text","c":"null","d":"integer","e":"true"},
        "one":["Error: Expected exactly one result from SQL query, but got no results.",
        "Error: Expected exactly one result from SQL query, but got multiple results."],"size":true}"#,
    )
}

fn escapes(isolate: &mut Isolate) -> Outcome {
    let object = isolate.open("Room", "escapes")?;
    let text = isolate.text(object, "escapes")?;
    let errors: Vec<String> = serde_json::from_str(&text)?;
    if errors.len() != 18 || errors.iter().any(|error| error.starts_with("no error")) {
        return Err(format!("{errors:#?}").into());
    }
    let says = |at: usize, what: &str| errors.get(at).is_some_and(|error| error.contains(what));
    assert!(says(2, "_cf_KV") || says(2, "not authorized") || says(2, "prohibited"), "{}", errors[2]);
    assert!(says(4, "transaction") && says(11, "did not contain a statement") && says(12, "Wrong number"), "{errors:#?}");
    assert!(says(16, "Illegal constructor"), "{errors:#?}");
    isolate.close(object)
}

fn large(isolate: &mut Isolate) -> Outcome {
    let object = isolate.open("Room", "large")?;
    let text = isolate.text(object, "large")?;
    let answer: serde_json::Value = serde_json::from_str(&text)?;
    for (what, wanted) in [
        ("value", "Key and value together cannot be larger than 2097152 bytes"),
        ("key", "Keys cannot be larger than 2048 bytes"),
        ("row", "SQLITE_TOOBIG"),
        ("zeroblob", "SQLITE_TOOBIG"),
        ("text", "SQLITE_TOOBIG"),
        ("fits", "no error: 1"),
    ] {
        let said = answer[what].as_str().unwrap_or_default();
        assert!(said.contains(wanted), "{what}: {said}");
    }
    assert_eq!(answer["read"], 1_900_000);
    isolate.close(object)
}

fn parts(isolate: &mut Isolate) -> Outcome {
    let object = isolate.open("Room", "fill")?;
    assert_eq!(isolate.text(object, "fill")?, "\"filled\"");
    let replica = isolate.replica(object);
    assert!(replica.commits == 1 && replica.messages >= 4, "{} messages, {} commits", replica.messages, replica.commits);
    // All parts leave before the answer that depends on them.
    let order = isolate.order();
    assert!(order.iter().filter(|message| message.starts_with("commit 1 of")).count() >= 4, "{order:?}");
    isolate.close(object)
}

fn transactions(isolate: &mut Isolate) -> Outcome {
    expect(
        isolate,
        "Room",
        "transactions",
        r#"{"rolledBack":"Error: no","kept":"kept","sync":"TypeError: sync",
        "late":"Error: Cannot get() on rolled back transaction","nested":5,"keys":["before","c"],
        "deleteAll":"Error: Cannot call deleteAll() within a transaction"}"#,
    )
}

fn sync(isolate: &mut Isolate) -> Outcome {
    isolate.acknowledges = false;
    let object = isolate.open("Room", "sync")?;
    let event = isolate.fetch(skerry_runtime::messages::Handler::Object(object), "sync")?;
    isolate.wait(|message| matches!(message, FromIsolate::ObjectCommit(_)))?;
    // A later event is served meanwhile.
    assert_eq!(isolate.text(object, "get?key=synced")?, "1");
    assert!(!isolate.order().contains(&format!("response {event}")), "it does not wait: {:?}", isolate.order());
    isolate.acknowledge(object, 1)?;
    assert_eq!(isolate.answer(event)?.text()?, "\"synced\"");
    isolate.close(object)
}

fn delete_all(isolate: &mut Isolate) -> Outcome {
    let object = isolate.open("Room", "deleteAll")?;
    isolate.text(object, "put?key=old&value=1")?;
    assert_eq!(isolate.text(object, "deleteAll")?, r#"{"keys":["new"],"alarm":null}"#);
    assert_eq!(isolate.replica(object).alarm_ms, None);
    isolate.close(object)
}
