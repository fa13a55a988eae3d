//! What V8 has compiled is kept over restarts, and used only where it fits.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use skerry_tests::server::PATIENCE;

use super::{Failure, configure, get, metric, routed, start};

#[test]
fn compiled_code_is_kept_for_the_next_start_and_made_anew_where_it_is_damaged() -> Result<(), Failure> {
    keeps_compiled_code("threads")?;
    keeps_compiled_code("cells")
}

fn keeps_compiled_code(isolation: &str) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let functions: String = (0..3_000).map(|n| format!("export function f{n}(x) {{ return x + {n}; }}\n")).collect();
    let source = format!("{functions}export default {{ fetch() {{ return new Response(String(f1(1) + f499(1))); }} }};");
    fs::write(folder.path().join("large.js"), source)?;
    configure(
        folder.path(),
        &format!("isolation = \"{isolation}\"\n[cache]\nfolder = \"cache\"\n{}", routed("large", &["*/*"])),
    )?;
    let kept = |is_snapshot: bool| -> Result<Vec<_>, Failure> {
        let files =
            fs::read_dir(folder.path().join("cache"))?.map(|file| Ok(file?.path())).collect::<Result<Vec<_>, Failure>>()?;
        let is_whole = |file: &Path| file.extension().is_none_or(|extension| extension != "tmp");
        let is_wanted = |file: &PathBuf| is_whole(file) && file.to_string_lossy().contains("/snapshot-") == is_snapshot;
        Ok(files.into_iter().filter(is_wanted).collect())
    };
    let files = || kept(false);
    // (hits, rejected) of a node that answers some requests.
    let round = || -> Result<(f64, f64), Failure> {
        let node = start(&folder)?;
        for _ in 0..4 {
            assert_eq!(get(&node, "any.example", "/")?.text(), "502");
        }
        let count = |result| metric(&node, &format!("skerry_code_cache_total{{result=\"{result}\"}}"));
        let began = Instant::now();
        while files()?.is_empty() || count("hit")? + count("miss")? + count("rejected")? < 1.0 {
            assert!(began.elapsed() < PATIENCE, "nothing is kept in {isolation}");
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok((count("hit")?, count("rejected")?))
    };
    assert_eq!(round()?, (0.0, 0.0));
    assert_eq!(round()?, (1.0, 0.0));
    let damage = |file: &Path| -> Result<(), Failure> {
        let mut bytes = fs::read(file)?;
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        Ok(fs::write(file, bytes)?)
    };
    damage(files()?.first().ok_or("no file")?)?;
    assert_eq!(round()?, (0.0, 1.0));
    assert_eq!(round()?, (1.0, 0.0));
    // Whole, and of another V8: its version stands behind the first four bytes.
    let file = files()?.first().ok_or("no file")?.clone();
    let mut bytes = fs::read(&file)?.split_off(32);
    bytes[4] ^= 1;
    fs::write(&file, [&Sha256::digest(&bytes)[..], &bytes].concat())?;
    assert_eq!(round()?, (0.0, 1.0));
    assert_eq!(round()?, (1.0, 0.0));
    // What was compiled with another snapshot is not used.
    damage(kept(true)?.first().ok_or("no snapshot")?)?;
    assert_eq!(round()?, (0.0, 0.0));
    Ok(())
}
