//! Names that people give to versions.

use serde_json::json;
use skerry_tests::developer::{Developer, worker};
use skerry_tests::project::{answering, write};

use crate::Failure;

#[test]
fn a_version_with_an_alias_is_served_by_it_until_another_has_it() -> Result<(), Failure> {
    let developer = Developer::start()?;
    let folder = worker("app", json!({}), &answering("served"))?;
    developer.skerry(&folder, &["deploy"])?.done(&[])?;
    let alias = "staging-app.workers.localhost";
    for text in ["first", "second"] {
        write(folder.path(), "index.js", &answering(text))?;
        developer.skerry(&folder, &["versions", "upload", "--preview-alias", "staging"])?.done(&["Alias: ", alias])?;
        developer.control.until(alias, "/", text)?;
    }
    // It outlives previews by number, which the newest versions have.
    for number in 0..6 {
        write(folder.path(), "index.js", &answering(&format!("later {number}")))?;
        developer.skerry(&folder, &["versions", "upload"])?.done(&[])?;
    }
    developer.control.until(alias, "/", "second")?;
    assert_eq!(developer.control.get("app.workers.localhost", "/")?.text(), "served");
    let version = |alias: &str| developer.skerry(&folder, &["versions", "upload", "--preview-alias", alias]);
    version("deadbeef")?.ended(1, &["cannot be an alias", "hexadecimal"])?;
    let other = worker("taken-app", json!({}), &answering("another worker"))?;
    developer.skerry(&other, &["deploy"])?.done(&[])?;
    version("taken")?.ended(1, &["would have the host of the worker"])?;
    Ok(())
}
