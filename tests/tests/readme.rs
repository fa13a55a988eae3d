//! What README.md and the pages of docs/ lead to. Their commands: `documents.rs`.

use std::path::Path;
use std::process::Command;

use skerry_tests::{npm, repository};

type Failure = Box<dyn std::error::Error>;

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
