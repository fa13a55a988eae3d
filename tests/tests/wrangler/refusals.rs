//! What the API says to what no tool should send.

use serde_json::{Value, json};
use skerry_tests::project::answering;
use skerry_tests::wrangler::Control;

use crate::{Failure, account, call, outcome, result};

/// A form as `wrangler` uploads it, with one module.
fn form(metadata: &Value, code: &str) -> (&'static str, Vec<u8>) {
    let module =
        "content-disposition: form-data; name=\"index.js\"; filename=\"index.js\"\r\ncontent-type: application/javascript+module";
    let metadata = format!("--b\r\ncontent-disposition: form-data; name=\"metadata\"\r\n\r\n{metadata}\r\n");
    ("multipart/form-data; boundary=b", format!("{metadata}--b\r\n{module}\r\n\r\n{code}\r\n--b--\r\n").into_bytes())
}

#[test]
fn the_api_refuses_names_forms_and_shares_that_make_no_sense() -> Result<(), Failure> {
    let control = Control::start()?;
    let metadata = json!({ "main_module": "index.js", "compatibility_date": "2026-04-01", "bindings": [] });
    let put = |name: &str, (kind, body): (&str, Vec<u8>)| -> Result<(u16, Value), Failure> {
        let path = format!("/accounts/{}/workers/scripts/{name}?excludeScript=true", control.account);
        call(&control, &control.token, "PUT", &path, (kind, &body))
    };
    let good = answering("good");
    let (status, made) = put("app", form(&metadata, &good))?;
    assert_eq!(status, 200, "{made}");
    let is_refused = |what: &str, (status, value): (u16, Value)| {
        assert!((400..500).contains(&status), "{what}: {status} {value}");
    };
    for name in ["a%20b", "..%2f..%2fetc", "a.b", "%00", &"a".repeat(300)] {
        is_refused(name, put(name, form(&metadata, &good))?);
    }
    for metadata in [json!({}), json!({ "main_module": "other.js" }), json!(1)] {
        is_refused(&metadata.to_string(), put("app", form(&metadata, &good))?);
    }
    for (what, kind, body) in [
        ("no boundary", "multipart/form-data", form(&metadata, &good).1),
        ("no form", "application/json", b"{}".to_vec()),
        ("half a form", "multipart/form-data; boundary=b", form(&metadata, &good).1[..150].to_vec()),
        ("nothing", "multipart/form-data; boundary=b", Vec::new()),
    ] {
        is_refused(what, put("app", (kind, body))?);
    }
    let deployments = result(&control, "/scripts/app/deployments")?;
    let version = &deployments["deployments"][0]["versions"][0]["version_id"];
    put("app", form(&metadata, &answering("two")))?;
    let versions = result(&control, "/scripts/app/versions")?;
    let other = &versions["items"][0]["id"];
    assert_ne!(version, other);
    let share = |version: &Value, percentage: Value| json!({ "version_id": version, "percentage": percentage });
    let unknown = json!("00000000-0000-4000-8000-000000000000");
    for versions in [
        json!([share(version, json!(60)), share(other, json!(60))]),
        json!([share(version, json!(50))]),
        json!([share(version, json!(-10)), share(other, json!(110))]),
        json!([share(version, json!("100"))]),
        json!([share(version, json!(50)), share(version, json!(50))]),
        json!([share(&unknown, json!(100))]),
        json!([]),
    ] {
        let body = json!({ "strategy": "percentage", "versions": versions }).to_string();
        is_refused(&body, account(&control, "POST", "/scripts/app/deployments", &body)?);
    }
    let thirds = json!([share(version, json!(33.3)), share(other, json!(66.7))]);
    let body = json!({ "strategy": "percentage", "versions": thirds }).to_string();
    assert_eq!(outcome(account(&control, "POST", "/scripts/app/deployments", &body)?), (200, 0), "fractions that add up");
    for body in
        ["", "{", "[]", "null", r#"{"name":"A","text":1,"type":"secret_text"}"#, r#"{"name":"","text":"x","type":"secret_text"}"#]
    {
        is_refused(body, account(&control, "PUT", "/scripts/app/secrets", body)?);
    }
    Ok(())
}
