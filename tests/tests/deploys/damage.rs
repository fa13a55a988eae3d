//! Damaged and lost files, and two servers on the same ones.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use skerry_tests::deploys::{Form, Site};

use crate::Failure;

/// The files of a folder and of those in it that have a text in them.
pub fn files_with(folder: &Path, text: &str) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files_with(&path, text)?);
        } else if fs::read(&path)?.windows(text.len()).any(|window| window == text.as_bytes()) {
            found.push(path);
        }
    }
    Ok(found)
}

/// Two workers, served; the process has ended. The second one's code has "the victim" in it.
fn ended() -> Result<Site, Failure> {
    let mut site = Site::start()?;
    for (name, text) in [("other", "the other"), ("victim", "the victim")] {
        site.deploy(name, text)?;
        site.until(name, text)?;
    }
    site.kill();
    Ok(site)
}

/// The file in which one of the two sides keeps the victim's module.
fn blob(site: &Site, side: &str) -> Result<PathBuf, Failure> {
    let found = files_with(&site.data().join(side).join("blobs"), "the victim")?;
    let [file] = found.as_slice() else { return Err(format!("{found:?} have the victim").into()) };
    Ok(file.clone())
}

/// It is told that something failed, and nothing of the machine.
fn is_plain_failure(site: &Site) -> Result<(), Failure> {
    let answer = site.get("victim.workers.localhost")?;
    let text = answer.text();
    assert!(answer.status >= 500 && text.contains("request_id") && !text.contains("blobs"), "{} {text}", answer.status);
    Ok(())
}

#[test]
fn a_module_that_is_damaged_in_the_control_plane_is_served_on_and_mended_by_the_next_upload() -> Result<(), Failure> {
    let mut site = ended()?;
    let file = blob(&site, "control")?;
    fs::write(&file, "damaged")?;
    site.start_again()?;
    site.until("victim", "the victim")?;
    site.check_deploys("other")?;
    site.deploy("victim", "the victim")?;
    assert_eq!(blob(&site, "control")?, file);
    site.until("victim", "the victim")?;
    Ok(())
}

#[test]
fn a_module_that_is_damaged_at_the_edge_is_fetched_again() -> Result<(), Failure> {
    let mut site = ended()?;
    let file = blob(&site, "edge")?;
    fs::write(&file, "damaged")?;
    site.start_again()?;
    if site.get("victim.workers.localhost")?.status != 200 {
        is_plain_failure(&site)?;
        // Somebody's deploy is when the edge looks for it.
        site.check_deploys("other")?;
    }
    site.until("victim", "the victim")?;
    assert_eq!(blob(&site, "edge")?, file);
    Ok(())
}

#[test]
fn a_module_that_is_damaged_at_the_edge_is_fetched_again_without_a_deploy() -> Result<(), Failure> {
    let mut site = ended()?;
    fs::write(blob(&site, "edge")?, "damaged")?;
    site.start_again()?;
    let _may_fail = site.get("victim.workers.localhost")?;
    site.until("victim", "the victim")?;
    Ok(())
}

#[test]
fn a_module_that_is_damaged_everywhere_harms_one_worker_until_it_is_uploaded_again() -> Result<(), Failure> {
    let mut site = ended()?;
    for side in ["control", "edge"] {
        fs::write(blob(&site, side)?, "damaged")?;
    }
    site.start_again()?;
    is_plain_failure(&site)?;
    site.until("other", "the other")?;
    site.check_deploys("other")?;
    is_plain_failure(&site)?;
    site.deploy("victim", "the victim")?;
    site.until("victim", "the victim")?;
    Ok(())
}

#[test]
fn a_lost_edge_folder_and_a_damaged_module_harm_one_worker() -> Result<(), Failure> {
    let mut site = ended()?;
    fs::write(blob(&site, "control")?, "damaged")?;
    fs::remove_dir_all(site.data().join("edge"))?;
    site.start_again()?;
    site.until("other", "the other")?;
    site.check_deploys("other")?;
    Ok(())
}

#[test]
fn a_damaged_or_lost_edge_folder_is_fetched_anew() -> Result<(), Failure> {
    let mut site = ended()?;
    let file = site.data().join("edge/deployed.json");
    let whole = fs::read(&file)?;
    let cut = whole.len() / 2;
    let flipped = [&whole[..cut], &[whole[cut] ^ 1], &whole[cut + 1..]].concat();
    for damaged in [b"".to_vec(), whole[..cut].to_vec(), flipped, vec![0xff; 100_000]] {
        fs::write(&file, damaged)?;
        site.start_again()?;
        site.wait_for("deployed.json is damaged")?;
        for (name, text) in [("other", "the other"), ("victim", "the victim")] {
            site.until(name, text)?;
        }
        site.kill();
    }
    fs::remove_dir_all(site.data().join("edge"))?;
    site.start_again()?;
    site.until("victim", "the victim")?;
    site.check_deploys("other")?;
    Ok(())
}

/// The store, closed as it should be, so that all of it is in its file.
fn closed_store() -> Result<(Site, PathBuf), Failure> {
    let mut site = ended()?;
    site.start_again()?;
    site.stop()?;
    let file = site.data().join("control/meta.db");
    for beside in ["meta.db-wal", "meta.db-shm"] {
        let _may_be_gone = fs::remove_file(file.with_file_name(beside));
    }
    Ok((site, file))
}

#[test]
fn a_damaged_store_is_named_and_nothing_starts() -> Result<(), Failure> {
    let (mut site, file) = closed_store()?;
    let whole = fs::read(&file)?;
    let other_header = [&[b'x'; 100], &whole[100..]].concat();
    for damaged in [&whole[..whole.len() / 2], &whole[..100], &other_header] {
        fs::write(&file, damaged)?;
        let said = site.refused()?;
        assert!(said.contains(&*file.to_string_lossy()), "{said}");
    }
    Ok(())
}

#[test]
fn a_lost_store_beside_what_is_served_is_no_first_start() -> Result<(), Failure> {
    let (mut site, file) = closed_store()?;
    fs::write(&file, "")?;
    assert!(site.refused()?.contains(&*file.to_string_lossy()));
    fs::remove_file(&file)?;
    assert!(site.refused()?.contains(&*file.to_string_lossy()));
    Ok(())
}

#[test]
fn a_damaged_file_of_keys_is_named_and_nothing_starts() -> Result<(), Failure> {
    let mut site = ended()?;
    let file = site.data().join("control/secrets.key");
    for damaged in ["", "no key\n", &"0".repeat(63), &format!("{}\n\n", "0".repeat(64))] {
        fs::write(&file, damaged)?;
        let said = site.refused()?;
        assert!(said.contains(&*file.to_string_lossy()), "{damaged:?}: {said}");
    }
    Ok(())
}

#[test]
fn a_key_that_secrets_were_not_sealed_with_is_refused_and_named() -> Result<(), Failure> {
    let mut site = ended()?;
    site.start_again()?;
    let code = "export default { fetch(request, env) { return new Response(env.KEY); } };";
    let secret = json!({ "bindings": [{ "name": "KEY", "type": "secret_text", "text": "sealed" }] });
    site.put("sealed", &Form::of(code, secret))?;
    site.until("sealed", "sealed")?;
    site.kill();
    let file = site.data().join("control/secrets.key");
    let right = fs::read(&file)?;
    for other in [Some("0".repeat(64)), None] {
        match other {
            Some(key) => fs::write(&file, key)?,
            None => fs::remove_file(&file)?,
        }
        let said = site.refused()?;
        assert!(said.contains(&*file.to_string_lossy()), "{said}");
    }
    fs::write(&file, right)?;
    site.start_again()?;
    site.until("sealed", "sealed")?;
    site.check_deploys("other")?;
    Ok(())
}

#[test]
fn a_second_server_on_the_same_folder_is_told_of_the_first() -> Result<(), Failure> {
    let mut site = ended()?;
    site.start_again()?;
    let said = site.refused_beside()?;
    assert!(said.contains("meta.db") && said.contains("another process uses it"), "{said}");
    site.until("victim", "the victim")?;
    site.check_deploys("other")?;
    Ok(())
}
