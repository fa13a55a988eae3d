//! Uploads that no tool would send.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use skerry_tests::deploys::{ES_MODULE, FORM, Form, SOON, Site};
use skerry_tests::project::answering;

use crate::Failure;

const CODE: &str = "export default { fetch() { return new Response('made'); } };";
const PLAIN: &str = r#"{"main_module":"index.js"}"#;

fn served() -> Result<Site, Failure> {
    let site = Site::start()?;
    site.check_deploys("other")?;
    Ok(site)
}

/// Refused as a mistake of the client, and told so in JSON.
fn refuse(site: &Site, what: &str, (kind, body): (&str, &[u8])) -> Result<String, Failure> {
    for (method, path) in [("PUT", "/scripts/app"), ("POST", "/scripts/other/versions")] {
        let (status, value) = site.sent(method, path, (kind, body))?;
        let message = value["errors"][0]["message"].as_str().unwrap_or_default();
        assert!((400..500).contains(&status) && !message.is_empty(), "{what}: {method} {status} {value}");
    }
    let (_, value) = site.sent("PUT", "/scripts/app", (kind, body))?;
    Ok(value["errors"][0]["message"].to_string())
}

#[test]
fn no_name_leads_out_of_its_account() -> Result<(), Failure> {
    let site = served()?;
    let form = Form::of(CODE, Value::Null);
    let long = "a".repeat(64);
    let names = [
        "..",
        "%2e%2e",
        "%2e%2e%2f%2e%2e%2fetc",
        "..%2f",
        "a%00",
        "%00",
        "a%0ab",
        "a%2fb",
        "a.b",
        "A",
        "%C3%A4",
        "a%20b",
        "-a",
        "a-",
        "%ff",
        "%ED%A0%80",
        "%EF%BD%81",
        "*",
        "~",
        "a%25",
        "%",
        "%zz",
        &long,
        &"a".repeat(5_000),
    ];
    for name in names {
        let shown = &name[..name.len().min(70)];
        for (method, path) in [("PUT", format!("/scripts/{name}")), ("POST", format!("/scripts/{name}/versions"))] {
            let answer = site.call(&site.token, method, &site.path(&path), (FORM, &form))?;
            let value: Value = serde_json::from_slice(&answer.body).map_err(|_| format!("{shown}: {answer:?}"))?;
            assert!((400..500).contains(&answer.status), "{method} {shown}: {} {value}", answer.status);
        }
        for path in ["/secrets", "/settings", "/versions", "/deployments"] {
            let path = site.path(&format!("/scripts/{name}{path}"));
            let status = site.call(&site.token, "GET", &path, ("text/plain", b""))?.status;
            assert!((400..500).contains(&status), "{shown}: {status}");
        }
        let version =
            site.call(&site.token, "GET", &site.path(&format!("/scripts/other/versions/{name}")), ("text/plain", b""))?;
        assert!((400..500).contains(&version.status), "{shown}: {}", version.status);
    }
    assert_eq!(site.done("GET", "/scripts", &Value::Null)?.as_array().map(Vec::len), Some(1));
    site.check_deploys("other")?;
    Ok(())
}

#[test]
fn modules_have_names_of_their_own_within_the_worker() -> Result<(), Failure> {
    let site = served()?;
    let with = |name: &str| Form::new().metadata(PLAIN).module("index.js", CODE).module(name, CODE).end();
    let names = [
        "../../etc/passwd",
        "/etc/passwd",
        "a/../../b.js",
        "..",
        ".",
        "",
        "a//b",
        "a\\b",
        "./../x",
        "file:///etc/passwd",
        "index.js",
        "./index.js",
        "a\0b",
        &"x".repeat(513),
    ];
    for name in names {
        let message = refuse(&site, name, (FORM, &with(name)))?;
        assert!(message.len() < 2_000, "{message}");
    }
    for name in ["..", "../index.js", "/index.js", "none.js", ""] {
        let metadata = json!({ "main_module": name }).to_string();
        refuse(&site, name, (FORM, &Form::new().metadata(&metadata).module("index.js", CODE).end()))?;
    }
    let modules = |count: usize| {
        let first = Form::new().metadata(PLAIN).module("index.js", CODE);
        (1..count).fold(first, |form, number| form.module(&format!("m{number}.js"), "export default 1;")).end()
    };
    assert!(refuse(&site, "1,001 modules", (FORM, &modules(1_001)))?.contains("1001"));
    let (status, value) = site.put("app", &modules(1_000))?;
    assert_eq!(status, 200, "{value}");
    site.until("app", "made")?;
    site.check_deploys("other")?;
    Ok(())
}

#[test]
fn forms_that_are_none_are_refused() -> Result<(), Failure> {
    let site = served()?;
    let whole = Form::of(CODE, Value::Null);
    let deep = |open: &str, close: &str| {
        format!(r#"{{"main_module":"index.js","annotations":{{"x":{}1{}}}}}"#, open.repeat(10_000), close.repeat(10_000))
    };
    let with = |metadata: &str| Form::new().metadata(metadata).module("index.js", CODE).end();
    let long_boundary = format!("multipart/form-data; boundary={}", "b".repeat(10_000));
    let cases: Vec<(&str, &str, Vec<u8>)> = vec![
        ("lists 10,000 deep", FORM, with(&deep("[", "]"))),
        ("objects 10,000 deep", FORM, with(&deep("{\"a\":", "}"))),
        ("no JSON", FORM, with("{")),
        ("a list", FORM, with("[]")),
        ("a lone surrogate", FORM, with(r#"{"main_module":"\ud800"}"#)),
        ("a number beyond all numbers", FORM, with(r#"{"main_module":"index.js","limits":{"cpu_ms":1e999}}"#)),
        ("a limit below nothing", FORM, with(r#"{"main_module":"index.js","limits":{"cpu_ms":-1}}"#)),
        ("no metadata", FORM, Form::new().module("index.js", CODE).end()),
        ("no module", FORM, Form::new().metadata(PLAIN).end()),
        ("no part", FORM, Form::new().end()),
        ("nothing", FORM, Vec::new()),
        ("no end", FORM, whole[..whole.len() - 30].to_vec()),
        ("cut in a head", FORM, whole[..60].to_vec()),
        ("another boundary", "multipart/form-data; boundary=other", whole.clone()),
        ("no boundary", "multipart/form-data", whole.clone()),
        ("an empty boundary", "multipart/form-data; boundary=", whole.clone()),
        ("a boundary of 10,000", &long_boundary, whole.clone()),
        ("another type", "application/json", whole.clone()),
        ("no name", FORM, Form::new().metadata(PLAIN).part("form-data", Some(ES_MODULE), CODE.as_bytes()).end()),
        (
            "a type of part that is not known",
            FORM,
            Form::new().metadata(PLAIN).part("form-data; name=\"a\"", Some("a/b"), b"").end(),
        ),
    ];
    for (what, kind, body) in &cases {
        refuse(&site, what, (kind, body))?;
    }
    for first in [r#"{"main_module":"none.js"}"#, PLAIN] {
        let twice = Form::new().metadata(first).metadata(PLAIN).module("index.js", CODE).end();
        assert!(refuse(&site, "metadata twice", (FORM, &twice))?.contains("two parts named metadata"));
    }
    site.check_deploys("other")?;
    Ok(())
}

#[test]
fn a_connection_that_ends_early_leaves_nothing() -> Result<(), Failure> {
    let site = served()?;
    let whole = Form::of(CODE, Value::Null);
    for sent in [0, 10, whole.len() / 2, whole.len() - 10] {
        let head = format!(
            "PUT {} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: {FORM}\r\ncontent-length: {}\r\n\r\n",
            site.path("/scripts/cut"),
            site.token,
            whole.len() + 1_000,
        );
        let mut stream = TcpStream::connect(site.api)?;
        stream.write_all(head.as_bytes())?;
        stream.write_all(&whole[..sent])?;
        stream.shutdown(std::net::Shutdown::Write)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        let mut answer = Vec::new();
        let _may_be_reset = stream.read_to_end(&mut answer);
        assert!(!answer.starts_with(b"HTTP/1.1 2"), "{sent}: {}", String::from_utf8_lossy(&answer));
    }
    assert_eq!(site.json("GET", "/scripts/cut/settings", "")?.0, 404);
    site.check_deploys("other")?;
    Ok(())
}

/// Global scopes that end by themselves, or never do.
const ENDLESS: &[(&str, &str)] = &[
    ("loops", "for (;;);"),
    ("allocates", "const all = []; for (;;) all.push(new Array(1e6).fill(1));"),
    ("buffers", "const all = []; for (;;) all.push(new Uint8Array(1 << 24).fill(1));"),
    ("recurses", "function f() { f(); } f();"),
    ("never settles", "await new Promise(() => {});"),
    ("microtasks", "const again = () => queueMicrotask(again); again(); await new Promise(() => {});"),
    ("throws", "throw new Error('no');"),
];

/// Beginnings of `index.js`.
const IMPORTED_BY_THEMSELVES: &[&str] = &[
    "await import('./index.js');",
    "import('./index.js');",
    "import('./index.js'); throw new Error('no');",
    "await 0; await import('./index.js');",
];

#[test]
fn a_global_scope_that_does_not_end_is_refused_and_harms_nobody() -> Result<(), Failure> {
    let site = served()?;
    for (what, code) in ENDLESS {
        let began = Instant::now();
        let (status, value) = site.put("endless", &Form::of(&format!("{code}\n{CODE}"), Value::Null))?;
        assert_eq!(status, 400, "{what}: {value}");
        assert!(began.elapsed() < Duration::from_secs(5), "{what}: {:?}", began.elapsed());
        site.check_deploys("other").map_err(|error| format!("{what}: {error:#}"))?;
    }
    assert_eq!(site.json("GET", "/scripts/endless/settings", "")?.0, 404);
    Ok(())
}

#[test]
fn a_module_that_imports_itself_while_it_starts_harms_nobody() -> Result<(), Failure> {
    let site = served()?;
    for code in IMPORTED_BY_THEMSELVES {
        let _refused_or_taken = site.put("itself", &Form::of(&format!("{code}\n{CODE}"), Value::Null));
        site.check_deploys("other").map_err(|error| format!("{code}: {error:#}"))?;
    }
    Ok(())
}

#[test]
fn uploads_that_hang_hold_up_nobody_else() -> Result<(), Failure> {
    let site = served()?;
    let hanging = Form::of(&format!("await new Promise((done) => setTimeout(done, 1e9));\n{CODE}"), Value::Null);
    std::thread::scope(|scope| {
        for number in 0..2 {
            let (site, hanging) = (&site, &hanging);
            scope.spawn(move || site.put(&format!("hanging{number}"), hanging).map(drop));
        }
        std::thread::sleep(Duration::from_millis(200));
        let began = Instant::now();
        site.check_deploys("other")?;
        assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
        Ok(())
    })
}

#[test]
fn a_version_that_starts_slowly_holds_up_nobody_elses_deploy() -> Result<(), Failure> {
    let site = served()?;
    site.deploy("slow", "quick")?;
    // In use: its next version is started before it is switched to.
    site.until("slow", "quick")?;
    let slow = Form::of(&format!("await new Promise((done) => setTimeout(done, 4_000));\n{CODE}"), Value::Null);
    assert_eq!(site.put("slow", &slow)?.0, 200);
    let began = Instant::now();
    site.check_deploys("other")?;
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    Ok(())
}

#[test]
fn no_depth_of_a_value_keeps_later_deploys_from_being_served() -> Result<(), Failure> {
    let mut site = served()?;
    for depth in 115..=128 {
        let value = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let binding = format!(r#"{{"main_module":"index.js","bindings":[{{"name":"A","type":"json","json":{value}}}]}}"#);
        let (status, said) = site.put("deep", &Form::new().metadata(&binding).module("index.js", &answering("deep")).end())?;
        assert!([200, 400].contains(&status), "{depth}: {said}");
        site.check_deploys("other").map_err(|error| format!("{depth}: {error:#}"))?;
        site.crash_and_restart()?;
        assert!(!site.printed().contains("error"), "{depth}: {}", site.printed());
        site.check_deploys("other")?;
    }
    Ok(())
}

#[test]
fn no_depth_of_settings_and_annotations_makes_a_worker_unreadable() -> Result<(), Failure> {
    let site = served()?;
    site.deploy("deep", "deep")?;
    for depth in 118..=128 {
        let value = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let settings = format!(r#"{{"tags":{value}}}"#);
        assert!(site.json("PATCH", "/scripts/deep/script-settings", &settings)?.0 < 500, "{depth}");
        let version = site.deploy("deep", "deep").map_err(|error| format!("{depth}: {error:#}"))?;
        let noted = format!(
            r#"{{"versions":[{{"version_id":"{version}","percentage":100}}],"annotations":{{"workers/message":{value}}}}}"#
        );
        assert!(site.json("POST", "/scripts/deep/deployments", &noted)?.0 < 500, "{depth}");
        for path in ["/scripts", "/scripts/deep/deployments", "/scripts/deep/versions", "/scripts/deep/script-settings"] {
            assert_eq!(site.json("GET", path, "")?.0, 200, "{depth}: {path}");
        }
        site.check_deploys("other")?;
    }
    Ok(())
}

#[test]
fn vars_have_a_limit() -> Result<(), Failure> {
    let site = served()?;
    let vars = json!({ "bindings": [{ "name": "V", "type": "plain_text", "text": "x".repeat(20 << 20) }] });
    let (status, _) = site.put("large", &Form::of(CODE, vars))?;
    assert!([400, 413].contains(&status), "{status}");
    let began = Instant::now();
    site.check_deploys("other")?;
    assert!(began.elapsed() < SOON);
    Ok(())
}

#[test]
fn cron_triggers_that_can_never_come_are_refused_as_a_whole() -> Result<(), Failure> {
    let site = served()?;
    let set = |crons: &[&str]| {
        let wanted: Vec<_> = crons.iter().map(|cron| json!({ "cron": cron })).collect();
        site.json("PUT", "/scripts/other/schedules", &json!(wanted).to_string())
    };
    assert_eq!(set(&["*/5 * * * *", "0 18 * * FRIL"])?.0, 200);
    for wrong in ["99 99 * * *", "* * * *", "@daily", "0 0 0 * *", "* * * * 8", "", "*/0 * * * *"] {
        let (status, value) = set(&["1 1 1 1 1", wrong])?;
        let error = &value["errors"][0];
        assert_eq!((status, &error["code"]), (400, &json!(10100)), "{wrong}: {value}");
        let message = error["message"].as_str().unwrap_or_default();
        assert!(message.contains("is not a cron expression: ") && message.contains("*/5 * * * *"), "{message}");
    }
    let kept = site.done("GET", "/scripts/other/schedules", &Value::Null)?;
    assert_eq!(kept["schedules"], json!([{ "cron": "*/5 * * * *" }, { "cron": "0 18 * * FRIL" }]));
    Ok(())
}
