//! `skerry dev` as a developer meets it: reloading, mistakes, stopping.

use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use skerry_tests::client;
use skerry_tests::project::{answering, project, refused, write};
use skerry_tests::server::Server;

type Failure = Box<dyn std::error::Error>;

#[test]
fn a_save_is_served_within_300_ms() -> Result<(), Failure> {
    let folder = project(&[("index.js", &answering("one"))])?;
    let server = Server::start(folder.path(), &[])?;
    assert_eq!(client::get(server.address(), "/")?.text(), "one");
    let mut times = Vec::new();
    for round in 0..5 {
        let text = format!("round {round}");
        write(folder.path(), "index.js", &answering(&text))?;
        let saved = Instant::now();
        while client::get(server.address(), "/")?.text() != text {
            assert!(saved.elapsed() < Duration::from_secs(10), "the save was not noticed:\n{}", server.printed());
            std::thread::sleep(Duration::from_millis(2));
        }
        times.push(saved.elapsed());
    }
    times.sort();
    // The goal is 300 ms; a busy machine gets ten times as long before this counts as broken.
    assert!(times[2] < Duration::from_secs(3), "reloads took {times:?}");
    Ok(())
}

#[test]
fn a_request_under_way_ends_on_the_version_it_began_with() -> Result<(), Failure> {
    let slow = "export default { async fetch() { await scheduler.wait(600); return new Response('old'); } };";
    let folder = project(&[("index.js", slow)])?;
    let server = Server::start(folder.path(), &[])?;
    let address = server.address();
    let under_way = std::thread::spawn(move || client::get(address, "/").map(|response| response.text()));
    std::thread::sleep(Duration::from_millis(150));
    write(folder.path(), "index.js", &answering("new"))?;
    server.wait_for("Reloaded")?;
    assert_eq!(client::get(address, "/")?.text(), "new");
    assert_eq!(under_way.join().map_err(|_| "the client panicked")??, "old");
    Ok(())
}

#[test]
fn the_last_good_version_serves_on_while_the_new_one_does_not_compile_or_start() -> Result<(), Failure> {
    let folder = project(&[("index.js", &answering("good"))])?;
    let server = Server::start(folder.path(), &[])?;
    write(folder.path(), "index.js", "export default {\n  fetch( {\n};\n")?;
    server.wait_for("error")?;
    server.wait_for("index.js:")?;
    server.wait_for("The last good version keeps serving")?;
    assert_eq!(client::get(server.address(), "/")?.text(), "good");
    write(folder.path(), "index.js", "throw new Error('at the top');\n")?;
    server.wait_for_count("The last good version keeps serving", 2)?;
    assert_eq!(client::get(server.address(), "/")?.text(), "good");
    write(folder.path(), "index.js", &answering("mended"))?;
    server.wait_for("Reloaded")?;
    assert_eq!(client::get(server.address(), "/")?.text(), "mended");
    Ok(())
}

#[test]
fn a_worker_that_never_compiled_shows_why_until_it_does() -> Result<(), Failure> {
    let folder = project(&[("index.js", "import './missing.js';\nexport default {};\n")])?;
    let server = Server::start(folder.path(), &[])?;
    let page = client::get(server.address(), "/")?;
    assert_eq!(page.status, 500);
    assert!(page.text().contains("missing.js"), "{}", page.text());
    write(folder.path(), "index.js", &answering("mended"))?;
    server.wait_for("Reloaded")?;
    assert_eq!(client::get(server.address(), "/")?.text(), "mended");
    Ok(())
}

#[test]
fn an_exception_in_the_global_scope_is_shown_with_its_place() -> Result<(), Failure> {
    let folder = project(&[("index.ts", "const x: number = 1;\n\nthrow new Error('at the top');\n")])?;
    let server = Server::start(folder.path(), &[])?;
    server.wait_for("at the top")?;
    server.wait_for("index.ts:3:")?;
    let page = client::get(server.address(), "/")?;
    assert!(page.status == 500 && page.text().contains("at the top"), "{}", page.text());
    Ok(())
}

#[test]
fn stacks_name_the_developers_own_file_and_line() -> Result<(), Failure> {
    let source = "interface Unused { a: string }\n\nfunction fail(): never {\n  throw new TypeError('with a stack');\n}\n\
                  export default { fetch(): Response { return fail(); } };\n";
    let folder = project(&[("src/index.ts", source)])?;
    let server = Server::start(folder.path(), &[])?;
    let page = client::get(server.address(), "/boom")?;
    assert_eq!(page.status, 500);
    assert!(page.text().contains("src/index.ts:4:"), "{}", page.text());
    assert!(!page.text().contains("ext:"), "{}", page.text());
    let id = page.header("x-skerry-request-id").ok_or("no request id")?;
    let line = server.wait_for(&id)?;
    assert!(line.contains("GET /boom"), "{line}");
    server.wait_for("src/index.ts:4:")?;
    Ok(())
}

#[test]
fn one_line_per_request() -> Result<(), Failure> {
    let folder = project(&[("index.js", "export default { fetch() { return new Response('', { status: 201 }); } };")])?;
    let server = Server::start(folder.path(), &[])?;
    client::request(server.address(), "PUT", "/thing?x=1", &[], b"")?;
    let line = server.wait_for("PUT /thing?x=1 201 ")?;
    assert!(line.contains(" ms (cpu ") && line.ends_with(" ms)"), "{line}");
    Ok(())
}

#[test]
fn interrupting_drains_requests_under_way() -> Result<(), Failure> {
    let slow = "export default { async fetch() { await scheduler.wait(700); return new Response('finished'); } };";
    let folder = project(&[("index.js", slow)])?;
    let server = Server::start(folder.path(), &[])?;
    let address = server.address();
    let under_way = std::thread::spawn(move || client::get(address, "/").map(|response| response.text()));
    std::thread::sleep(Duration::from_millis(200));
    server.signal("INT")?;
    assert_eq!(under_way.join().map_err(|_| "the client panicked")??, "finished");
    let (code, printed) = server.exit()?;
    assert_eq!(code, 0, "{printed}");
    Ok(())
}

#[test]
fn a_path_that_leads_nowhere_is_refused() -> Result<(), Failure> {
    assert!(refused(Path::new("no/such/worker.js"), &[])?.contains("no/such/worker.js: no such file"));
    let empty = project(&[])?;
    assert!(refused(empty.path(), &[])?.contains("no worker here"));
    Ok(())
}

#[test]
fn a_port_in_use_is_refused_with_the_mend() -> Result<(), Failure> {
    let taken = TcpListener::bind("127.0.0.1:0")?;
    let folder = project(&[("index.js", &answering("x"))])?;
    let printed = refused(folder.path(), &["--port", &taken.local_addr()?.port().to_string()])?;
    assert!(printed.contains("is in use") && printed.contains("--port"), "{printed}");
    Ok(())
}

#[test]
fn arguments_that_mean_nothing_are_refused() -> Result<(), Failure> {
    let folder = project(&[("index.js", &answering("x"))])?;
    for args in [&["--port", "99999"][..], &["--host", "nowhere"], &["--var", "novalue"], &["--env", "none"], &["--bogus"]] {
        let (code, printed) = Server::launch(folder.path(), args)?.exit()?;
        if args[0] != "--env" {
            assert_eq!(code, 2, "{args:?}: {printed}");
        }
    }
    Ok(())
}

#[test]
fn the_port_of_the_configuration_is_taken_unless_one_is_typed() -> Result<(), Failure> {
    let taken = TcpListener::bind("127.0.0.1:0")?;
    let port = taken.local_addr()?.port();
    let config = format!("name = 'a'\nmain = 'index.js'\ndev = {{ port = {port} }}\n");
    let folder = project(&[("index.js", &answering("x")), ("wrangler.toml", &config)])?;
    let (code, printed) = Server::launch_as_it_is(folder.path(), &[])?.exit()?;
    assert!(code == 2 && printed.contains(&format!("127.0.0.1:{port} is in use")), "{printed}");
    let server = Server::start(folder.path(), &["--port", "0"])?;
    assert_eq!(client::get(server.address(), "/")?.text(), "x");
    Ok(())
}

#[test]
fn a_host_may_be_a_name() -> Result<(), Failure> {
    let folder = project(&[("index.js", &answering("x"))])?;
    let server = Server::start(folder.path(), &["--host", "localhost"])?;
    assert!(server.address().ip().is_loopback());
    assert_eq!(client::get(server.address(), "/")?.text(), "x");
    let printed = refused(folder.path(), &["--host", "nowhere.invalid"])?;
    assert!(printed.contains("--host nowhere.invalid leads to no address"), "{printed}");
    Ok(())
}

#[test]
fn failures_are_a_page_for_browsers_and_text_for_others() -> Result<(), Failure> {
    let folder = project(&[("index.js", "export default { fetch() { throw new Error('<broken>'); } };")])?;
    let server = Server::start(folder.path(), &[])?;
    for (accept, content_type, expected) in [
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html;charset=UTF-8", "<h1>Error: &lt;broken&gt;</h1>"),
        (
            "application/json",
            "text/plain;charset=UTF-8",
            "Error: <broken>\n    at Object.fetch (index.js:1:34)\n\nGET /a, worker_exception, ",
        ),
        ("*/*", "text/plain;charset=UTF-8", "Error: <broken>\n"),
    ] {
        let answer = client::request(server.address(), "GET", "/a", &[("accept", accept)], b"")?;
        assert_eq!((answer.status, answer.header("content-type").as_deref()), (500, Some(content_type)));
        assert!(answer.text().contains(expected), "{}", answer.text());
    }
    Ok(())
}

#[test]
fn what_it_prints_into_the_project_is_no_change_of_it() -> Result<(), Failure> {
    let folder = project(&[("index.js", "export default {")])?;
    let log = folder.path().join("dev.log");
    let file = std::fs::File::create(&log)?;
    let mut child = std::process::Command::new(skerry_tests::binary())
        .args(["dev", "--port", "0"])
        .arg(folder.path())
        .stdin(std::process::Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .spawn()?;
    std::thread::sleep(Duration::from_secs(3));
    child.kill()?;
    child.wait()?;
    let printed = std::fs::read_to_string(&log)?;
    let count = printed.matches("The last good version").count() + printed.matches("index.js").count();
    assert!((1..10).contains(&count), "{printed}");
    Ok(())
}
