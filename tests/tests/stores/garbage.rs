//! What nobody needs any more goes, also when the process is killed while it does; what is served and what may be gone back to never does.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};
use skerry_control::Publish;
use skerry_protocol::Digest;
use skerry_tests::deploys::Site;
use skerry_tests::server::PATIENCE;

use crate::Failure;
use crate::plane::Plane;

const CODE_BYTES: usize = 1_000;
const DEPLOYED: usize = 20;
const VERSIONS: usize = 120;
/// The newest hundred, and those of the last ten deployments.
const KEPT: usize = 100 + 10;
/// Modules that no version names.
const GARBAGE: usize = 10_000;
const KILLS: usize = 4;
/// Of everything, as if it were uploaded so long ago.
const AGE: Duration = Duration::from_secs(3_600);

fn blobs(data: &Path) -> Result<usize, Failure> {
    let mut count = 0;
    for folder in std::fs::read_dir(data.join("control/blobs"))? {
        count += std::fs::read_dir(folder?.path())?.count();
    }
    Ok(count)
}

/// Garbage, and no blob that is younger than it.
fn age(data: &Path) -> Result<(), Failure> {
    let folder = data.join("control/blobs");
    for number in 0..GARBAGE {
        let content = format!("garbage {number}");
        let name = Digest::of(content.as_bytes()).to_string();
        std::fs::create_dir_all(folder.join(&name[..2]))?;
        std::fs::write(folder.join(&name[..2]).join(name), content)?;
    }
    for folder in std::fs::read_dir(folder)? {
        for file in std::fs::read_dir(folder?.path())? {
            File::options().append(true).open(file?.path())?.set_modified(SystemTime::now() - AGE)?;
        }
    }
    Ok(())
}

fn wait(what: &str, mut is_over: impl FnMut() -> Result<bool, Failure>) -> Result<(), Failure> {
    let deadline = Instant::now() + PATIENCE;
    while !is_over()? {
        assert!(Instant::now() < deadline, "{what}");
    }
    Ok(())
}

#[test]
fn kills_while_garbage_is_collected_take_nothing_that_is_needed() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let (account, token, ids) = tokio::runtime::Runtime::new()?.block_on(async {
        let plane = Plane::open(&data).await?;
        let mut ids = Vec::new();
        for number in 1..=VERSIONS {
            let publish = if number <= DEPLOYED { Publish::Deploy } else { Publish::Keep };
            ids.push(plane.upload("app", number, CODE_BYTES, publish).await?);
        }
        Ok::<_, Failure>((plane.caller.account, plane.token, ids))
    })?;
    age(&data)?;
    let mut site = Site::on(folder, &["--gc-seconds", "1", "--gc-grace-seconds", "600"])?;
    (site.account, site.token) = (account, token);
    let mut there = blobs(&data)?;
    for _ in 0..KILLS {
        wait("no garbage is collected", || Ok(blobs(&data)? < there))?;
        site.crash_and_restart()?;
        assert_eq!(site.get("app.workers.localhost")?.text(), format!("version {DEPLOYED}"));
        there = blobs(&data)?;
        assert!(there >= KEPT, "{there}");
        if there == KEPT {
            // Faster than a kill.
            break;
        }
    }
    wait("some garbage stays", || Ok(blobs(&data)? == KEPT))?;
    let script = "/scripts/app";
    for (place, id) in ids.iter().enumerate() {
        let number = place + 1;
        let is_kept = number > VERSIONS - 100 || (DEPLOYED - 9..=DEPLOYED).contains(&number);
        assert_eq!(site.json("GET", &format!("{script}/versions/{id}"), "")?.0 == 200, is_kept, "version {number}");
    }
    for number in [DEPLOYED - 9, VERSIONS - 99, VERSIONS] {
        let share = json!({ "versions": [{ "version_id": ids[number - 1], "percentage": 100 }] });
        site.done("POST", &format!("{script}/deployments"), &share)?;
        site.until("app", &format!("version {number}"))?;
    }
    let (status, told) = site.json(
        "POST",
        &format!("{script}/deployments"),
        &json!({ "versions": [{ "version_id": ids[0], "percentage": 100 }] }).to_string(),
    )?;
    assert!(status == 404 && told["errors"][0]["message"].as_str().is_some_and(|text| text.contains("has no version")), "{told}");
    assert_ne!(site.done("GET", &format!("{script}/deployments"), &Value::Null)?["deployments"], json!([]));
    Ok(())
}
