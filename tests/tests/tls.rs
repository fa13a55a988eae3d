//! TLS of the API: edges and commands that trust an authority of the operator's own, certificates that change, clients that say too little.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use skerry_tests::authority::{Authority, Certificate, curl};
use skerry_tests::edges::{Edge, launch};
use skerry_tests::project::{answering, project};
use skerry_tests::server::Server;
use tempfile::TempDir;

type Failure = Box<dyn std::error::Error>;

/// `skerry control` behind a certificate.
struct Control {
    server: Server,
    _folder: TempDir,
    url: String,
    token: String,
}

impl Control {
    fn start(certificate: &Certificate) -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let server = Server::launch_command(&args(folder.path(), &certificate.args()))?;
        let address = server.address_behind("API on https://")?;
        let token = server.wait_for("Admin token")?.split(": ").nth(1).unwrap_or_default().to_owned();
        Ok(Self { server, _folder: folder, url: format!("https://{address}"), token })
    }

    fn curl(&self, ca: &Path, path: &str, more: &[&str]) -> Result<String, Failure> {
        let (bearer, url) = (format!("authorization: Bearer {}", self.token), format!("{}{path}", self.url));
        let ca = ca.to_string_lossy();
        Ok(curl(&[&["--cacert", &ca, "--header", &bearer], more, &[&url]].concat())?)
    }

    fn invite(&self, ca: &Path) -> Result<String, Failure> {
        let told = self.curl(ca, "/v1/edges/enrolments", &["--data", "{\"name\":\"ams-1\"}"])?;
        let told: Value = serde_json::from_str(&told)?;
        Ok(told["token"].as_str().ok_or_else(|| told.to_string())?.to_owned())
    }
}

fn args<'a>(data: &'a Path, more: &'a [String]) -> Vec<&'a str> {
    let mut args = vec!["control", "--api", "127.0.0.1:0", "--data", data.to_str().unwrap_or_default()];
    args.extend(more.iter().map(String::as_str));
    args
}

/// A command of a developer who has never logged in. Exit code and what it prints.
fn skerry(folder: &Path, args: &[&str], env: &[(&str, &str)]) -> Result<(i32, String), Failure> {
    let mut command = Command::new(skerry_tests::binary());
    command.args(args).current_dir(folder).env_clear().env("HOME", folder).envs(env.iter().copied());
    let ran = command.output()?;
    let printed = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    Ok((ran.status.code().unwrap_or(-1), printed))
}

#[test]
fn edges_and_commands_speak_tls_with_whom_they_trust() -> Result<(), Failure> {
    let (authority, stranger) = (Authority::new()?, Authority::new()?);
    let control = Control::start(&authority.certificate("api")?)?;
    let (ca, wrong) = (authority.file(), stranger.file());
    let (ca_text, wrong_text) = (ca.to_string_lossy(), wrong.to_string_lossy());

    let token = control.invite(&ca)?;
    let folder = tempfile::tempdir()?;
    for (more, expected) in [(&["--control-ca", &wrong_text][..], "--control-ca FILE"), (&[], "--control-ca FILE")] {
        let refused = launch(folder.path(), &control.url, &[&["--enroll", &token], more].concat())?;
        let (code, printed) = refused.exit()?;
        assert!(code == 2 && printed.contains(expected), "{code} {printed}");
    }
    let edge = Edge::start_with(&control.url, &token, &["--control-ca", &ca_text])?;

    let worker = project(&[("wrangler.toml", "name = \"app\"\nmain = \"index.js\"\n"), ("index.js", &answering("over TLS"))])?;
    let home = tempfile::tempdir()?;
    let login = ["login", "--api", &control.url, "--token", &control.token];
    let (code, printed) = skerry(home.path(), &[&login[..], &["--ca", &wrong_text]].concat(), &[])?;
    assert!(code == 1 && printed.contains("--ca FILE or SKERRY_CA"), "{code} {printed}");
    let (code, printed) = skerry(home.path(), &[&login[..], &["--ca", "missing.pem"]].concat(), &[])?;
    assert!(code == 2 && printed.contains("missing.pem: cannot be read"), "{code} {printed}");
    let (code, printed) = skerry(home.path(), &[&login[..], &["--ca", &ca_text]].concat(), &[])?;
    assert_eq!(code, 0, "{printed}");
    // What was logged in with is kept, the authority too.
    let home_text = home.path().to_string_lossy();
    let (code, printed) = skerry(worker.path(), &["deploy"], &[("HOME", &home_text)])?;
    assert_eq!(code, 0, "{printed}");
    edge.until("app", "over TLS")?;
    let (code, printed) = skerry(worker.path(), &["edges", "invite", "fra-1"], &[("HOME", &home_text)])?;
    let expected = format!("skerry edge --control {} --control-ca {ca_text} --enroll enrol_", control.url);
    assert!(code == 0 && printed.contains(&expected), "{code} {printed}");
    let known = [("SKERRY_API", &*control.url), ("SKERRY_TOKEN", &*control.token)];
    for variable in ["SKERRY_CA", "SSL_CERT_FILE"] {
        let (code, printed) = skerry(worker.path(), &["whoami"], &[&known[..], &[(variable, &ca_text)]].concat())?;
        assert_eq!(code, 0, "{variable}: {printed}");
    }
    let (code, printed) = skerry(worker.path(), &["whoami"], &known)?;
    assert!(code == 1 && printed.contains("--ca FILE or SKERRY_CA"), "{code} {printed}");

    for (option, version) in [("--http2", "2"), ("--http1.1", "1.1")] {
        let told = control.curl(&ca, "/healthz", &[option, "--write-out", "%{http_version}"])?;
        assert_eq!(told, format!("ok\n{version}"));
        let tail = control.curl(&ca, "/v1/workers/app/tails", &[option, "--data", "{}"])?;
        assert!(tail.contains(&format!("\"wss://{}/tails/", &control.url["https://".len()..])), "{option}: {tail}");
    }
    Ok(())
}

#[test]
fn a_certificate_that_changes_is_served_and_one_that_is_wrong_is_not() -> Result<(), Failure> {
    let (before, after) = (Authority::new()?, Authority::new()?);
    let (certificate, other) = (before.certificate("api")?, after.certificate("api")?);
    let original = before.certificate("kept")?;
    let control = Control::start(&certificate)?;
    control.curl(&before.file(), "/healthz", &[])?;

    certificate.become_like(&other)?;
    control.server.signal("HUP")?;
    control.server.wait_for("The certificate was read again")?;
    control.curl(&after.file(), "/healthz", &[])?;
    let refused = control.curl(&before.file(), "/healthz", &[]).err().map(|error| error.to_string());
    assert!(refused.as_ref().is_some_and(|text| text.contains("exit code 60")), "{refused:?}");

    std::fs::write(&certificate.cert, "-----BEGIN CERTIFICATE-----\nnone")?;
    control.server.signal("HUP")?;
    let said = control.server.wait_for("The certificate from before is used on")?;
    assert!(said.contains(&*certificate.cert.to_string_lossy()), "{said}");
    control.curl(&after.file(), "/healthz", &[])?;

    // Without being told, too.
    certificate.become_like(&original)?;
    control.server.wait_for_count("The certificate was read again", 2)?;
    control.curl(&before.file(), "/healthz", &[])?;
    control.server.signal("HUP")?;
    control.server.wait_for("the same as before")?;
    Ok(())
}

#[test]
fn files_that_cannot_be_used_are_named_with_what_mends_them() -> Result<(), Failure> {
    let authority = Authority::new()?;
    let (one, other) = (authority.certificate("one")?, authority.certificate("other")?);
    let missing = authority.file().with_file_name("missing");
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let (cert, key, gone) = (text(&one.cert), text(&one.key), text(&missing));
    for (cert, key, expected) in [
        (&gone, &key, format!("{gone}: cannot be read")),
        (&cert, &gone, format!("{gone}: cannot be read")),
        (&key, &key, format!("{key}: there is no certificate in it: a file in PEM")),
        (&cert, &cert, format!("{cert}: there is no private key in it: a file in PEM")),
        (&cert, &text(&other.key), format!("it is not the key of the certificate in {cert}: give the one")),
    ] {
        let folder = tempfile::tempdir()?;
        let more = ["--tls-cert".to_owned(), cert.clone(), "--tls-key".to_owned(), key.clone()];
        let (code, printed) = Server::launch_command(&args(folder.path(), &more))?.exit()?;
        assert!(code == 2 && printed.lines().count() == 1 && printed.contains(&expected), "{expected}: {code} {printed}");
    }
    let folder = tempfile::tempdir()?;
    let (code, printed) = Server::launch_command(&args(folder.path(), &["--tls-cert".to_owned(), cert]))?.exit()?;
    assert!(code == 2 && printed.contains("--tls-key"), "{code} {printed}");
    Ok(())
}

/// Waits until the server ends a connection on which only this was said.
fn closed_after(address: SocketAddr, said: &[u8]) -> Result<(), Failure> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    stream.write_all(said)?;
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => Err("the connection is still open".into()),
        _ => Ok(()),
    }
}

#[test]
fn whoever_says_too_little_is_cut_off_and_holds_up_nobody() -> Result<(), Failure> {
    let authority = Authority::new()?;
    let control = Control::start(&authority.certificate("api")?)?;
    let secure: SocketAddr = control.url["https://".len()..].parse()?;
    let folder = tempfile::tempdir()?;
    let plain = Server::launch_command(&args(folder.path(), &[]))?;
    let open = plain.address_behind("API on http://")?;
    // A record of TLS that announces more than comes; a head that has no end.
    let began = [0x16, 3, 1, 2, 0, 1];
    let cases: [(SocketAddr, &[u8]); 5] =
        [(secure, b""), (secure, &began), (open, b""), (open, b"GET /v1/whoami HTTP/1.1\r\nhost: a\r\n"), (open, b"PRI * HT")];
    std::thread::scope(|scope| {
        let mut slow = Vec::new();
        for (address, said) in cases.into_iter().cycle().take(250) {
            slow.push(scope.spawn(move || closed_after(address, said).map_err(|error| format!("{said:?}: {error}"))));
        }
        control.curl(&authority.file(), "/healthz", &[])?;
        curl(&[&format!("http://{open}/healthz")])?;
        for one in slow {
            one.join().map_err(|_| "a client panicked")??;
        }
        Ok(())
    })
}
