//! Every command in README.md runs, and does what README says.

use std::path::Path;
use std::process::Command;

use skerry_tests::server::Server;
use skerry_tests::{client, npm, repository};

type Failure = Box<dyn std::error::Error>;

/// The lines of README's `sh` blocks.
fn commands() -> Result<Vec<String>, Failure> {
    let text = std::fs::read_to_string(repository().join("README.md"))?;
    let mut inside = false;
    let mut commands = Vec::new();
    for line in text.lines() {
        if line.starts_with("```") {
            inside = line == "```sh";
        } else if inside && !line.trim().is_empty() && !line.starts_with('#') {
            commands.push(line.to_owned());
        }
    }
    Ok(commands)
}

#[test]
fn every_command_works() -> Result<(), Failure> {
    let commands = commands()?;
    assert!(commands.len() >= 4, "README's commands were not found: {commands:?}");
    for command in commands {
        run(&command).map_err(|error| format!("{command}: {error}"))?;
    }
    Ok(())
}

fn run(command: &str) -> Result<(), Failure> {
    if let Some(arguments) = command.strip_prefix("cargo run --release -- dev ") {
        let project = repository().join(arguments.split(' ').next().unwrap_or_default());
        let server = Server::start(&npm::installed(&project)?, &[])?;
        let status = client::get(server.address(), "/")?.status;
        assert!(status < 500, "status {status}");
        return Ok(());
    }
    if let Some(config) = command.strip_prefix("cargo run --release -- edge --config ") {
        // On free ports, the rest as it is.
        let examples = repository().join("examples");
        let text = std::fs::read_to_string(repository().join(config))?;
        let text = text.replace(":8787", ":0").replace(":9180", ":0").replace("\"../", &format!("\"{}/", examples.display()));
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("node.toml");
        std::fs::write(&file, text)?;
        let node = Server::start_edge(&file, &[])?;
        assert_eq!(client::get(node.address(), "/there")?.text(), "Hello from /there\n");
        return Ok(());
    }
    if let Some(project) = command.strip_prefix("npm ci --prefix ") {
        npm::installed(&repository().join(project))?;
        return Ok(());
    }
    match command {
        // This test is a part of it.
        "cargo test --release --workspace" => Ok(()),
        // It builds what is under test here once more, which takes minutes: only that there is such a binary is checked.
        "cargo install --locked --path cli" => {
            let manifest: toml::Table = std::fs::read_to_string(repository().join("cli/Cargo.toml"))?.parse()?;
            assert_eq!(manifest["package"]["name"].as_str(), Some("skerry"));
            assert!(repository().join("Cargo.lock").is_file() && repository().join("cli/src/main.rs").is_file());
            Ok(())
        }
        "skerry dev path/to/your/project" => {
            let project = tempfile::tempdir()?;
            let folder = project.path().join("path/to/your/project");
            std::fs::create_dir_all(folder.join("src"))?;
            std::fs::write(folder.join("wrangler.toml"), "name = \"yours\"\nmain = \"src/index.ts\"\n")?;
            std::fs::write(folder.join("src/index.ts"), "export default { fetch: () => new Response('yours') };")?;
            let server = Server::start(&folder, &[])?;
            assert_eq!(client::get(server.address(), "/")?.text(), "yours");
            Ok(())
        }
        "curl http://127.0.0.1:8787/there" => {
            let server = Server::start(&repository().join("examples/hello"), &[])?;
            assert_eq!(client::get(server.address(), "/there")?.text(), "Hello from /there\n");
            Ok(())
        }
        _ if command.starts_with("cargo run --release -p skerry-tests --bin bench -- ") => {
            let rows = command.rsplit(" -- ").next().unwrap_or_default();
            rows.split(' ').for_each(|row| assert!(row.starts_with("--") || known_row(row), "no row {row}"));
            Ok(())
        }
        _ => Err("nothing here knows how to run this command: teach it".into()),
    }
}

fn known_row(row: &str) -> bool {
    repository().join("tests/bench").join(row).is_dir() || row == "start"
}

/// The examples type-check against the types that worker developers use.
#[test]
fn the_examples_fit_the_types_of_cloudflare() -> Result<(), Failure> {
    for example in ["hono-api", "jwt-login", "react-stream"] {
        npm::installed(&repository().join("examples").join(example))?;
    }
    let types = npm::installed(&repository().join("tests/types"))?;
    let output = Command::new("npx").args(["--no-install", "tsc", "--noEmit", "-p", "."]).current_dir(&types).output()?;
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

#[test]
fn links_to_files_lead_somewhere() -> Result<(), Failure> {
    for page in ["README.md", "docs/architecture.md", "docs/developers.md", "docs/operators.md", "docs/security.md"] {
        let text = std::fs::read_to_string(repository().join(page))?;
        let folder = Path::new(page).parent().unwrap_or(Path::new(""));
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap_or_default();
            if !link.contains("://") && !file.is_empty() {
                assert!(repository().join(folder).join(file).exists(), "{page} links to {link}, which is not there");
            }
        }
    }
    Ok(())
}
