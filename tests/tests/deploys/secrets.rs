//! Secrets go in, and come out on `env` alone.

use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};
use skerry_tests::deploys::{FORM, Form, Site, unique};

use crate::Failure;
use crate::damage::files_with;

#[test]
fn secrets_are_on_env_and_in_no_answer_no_output_and_no_file_of_the_control_plane() -> Result<(), Failure> {
    let mut site = Site::start()?;
    let secrets: Vec<String> = (0..5).map(|_| format!("plain-{}", unique())).collect();
    let code = "export default { fetch(request, env) {
        return new Response([env.A, env.B, env.C, env.D].join());
    } };";
    let bindings = |name: &str, text: &str| json!({ "bindings": [{ "name": name, "type": "secret_text", "text": text }] });
    let mut said = String::new();
    let mut note = |(status, value): (u16, Value)| {
        assert!(status < 500, "{status} {value}");
        said.push_str(&value.to_string());
        status
    };
    assert_eq!(note(site.put("app", &Form::of(code, bindings("A", &secrets[0])))?), 200);
    let one = json!({ "name": "B", "text": secrets[1] }).to_string();
    assert_eq!(note(site.json("PUT", "/scripts/app/secrets", &one)?), 200);
    let bulk = json!({ "secrets": { "C": { "name": "C", "type": "secret_text", "text": secrets[2] } } }).to_string();
    assert_eq!(note(site.json("PATCH", "/scripts/app/secrets-bulk", &bulk)?), 200);
    let latest = json!({ "env": { "D": { "type": "secret_text", "text": secrets[3] } } }).to_string();
    let (status, made) = site.json("PATCH", "/workers/app/versions/latest", &latest)?;
    let version = made["result"]["id"].as_str().unwrap_or_default().to_owned();
    assert_eq!(note((status, made)), 200);
    let share = json!({ "versions": [{ "version_id": version, "percentage": 100 }] }).to_string();
    assert_eq!(note(site.json("POST", "/scripts/app/deployments", &share)?), 200);
    site.until("app", &secrets[..4].join(","))?;

    for path in ["/versions", "/deployments", "/settings", "/script-settings", "/secrets", &format!("/versions/{version}")] {
        let (status, value) = site.json("GET", &format!("/scripts/app{path}"), "")?;
        assert_eq!(status, 200, "{path}");
        if path != "/deployments" && path != "/script-settings" {
            assert!(
                ["A", "B", "C", "D"].iter().all(|name| value.to_string().contains(&format!("\"{name}\""))),
                "{path}: {value}"
            );
        }
        note((status, value));
    }
    // Refused, each for another reason.
    let wrong = [
        ("PUT", "/scripts/app/secrets", json!({ "name": "", "text": secrets[4] })),
        ("PUT", "/scripts/app/secrets", json!({ "name": "N\0", "text": secrets[4] })),
        ("PUT", "/scripts/nobody/secrets", json!({ "name": "N", "text": secrets[4] })),
        ("PUT", "/scripts/app/secrets", json!({ "name": "N", "text": secrets[4].repeat(10_000) })),
        ("PUT", "/scripts/app/secrets", json!({ "name": "N", "text": [secrets[4]] })),
        ("PATCH", "/scripts/app/secrets-bulk", json!({ "secrets": { "N": { "text": secrets[4] } } })),
    ];
    for (method, path, body) in wrong {
        assert!(note(site.json(method, path, &body.to_string())?) >= 400, "{method} {path}");
    }
    let syntax = Form::of("this is no code", bindings("N", &secrets[4]));
    assert_eq!(note(site.put("app", &syntax)?), 400);
    assert_eq!(note(site.sent("POST", "/scripts/nobody/versions", (FORM, &syntax))?), 404);

    said.push_str(&site.printed());
    site.crash_and_restart()?;
    site.until("app", &secrets[..4].join(","))?;
    said.push_str(&site.printed());
    let deployed = site.data().join("edge/deployed.json");
    for secret in &secrets {
        assert!(!said.contains(secret.as_str()), "it was told:\n{said}");
        let found = files_with(&site.data(), secret)?;
        assert!(found.iter().all(|file| *file == deployed), "{found:?} have it");
    }
    // Else it was looked for in vain.
    assert_eq!(files_with(&site.data(), &secrets[3])?, std::slice::from_ref(&deployed));
    let mode = |path| Ok::<_, Failure>(std::fs::metadata(path)?.permissions().mode() & 0o777);
    assert_eq!(mode(deployed)?, 0o600);
    assert_eq!(mode(site.data().join("control/secrets.key"))?, 0o600);
    for folder in ["", "control", "edge"] {
        assert_eq!(mode(site.data().join(folder))?, 0o700, "{folder}");
    }
    Ok(())
}

#[test]
fn a_body_of_the_wrong_shape_is_not_quoted() -> Result<(), Failure> {
    let site = Site::start()?;
    site.deploy("app", "")?;
    let calls = [
        ("PATCH", "/scripts/app/secrets-bulk", json!({ "secrets": { "KEY": "hunter2" } })),
        ("PATCH", "/workers/app/versions/latest", json!({ "env": { "KEY": "hunter2" } })),
        ("PUT", "/scripts/app/secrets", json!("hunter2")),
    ];
    for (method, path, body) in calls {
        let (status, value) = site.json(method, path, &body.to_string())?;
        assert_eq!(status, 400);
        assert!(!value.to_string().contains("hunter2"), "{method} {path}: {value}");
    }
    Ok(())
}
