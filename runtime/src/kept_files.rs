//! Files that the node keeps for its next start, and that V8 trusts: whole, and written by nobody else.

use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};

pub(crate) const DIGEST_BYTES: usize = 32;

/// Makes the folder, if it is missing, and sees to it that nobody but the node can write there.
pub(crate) fn make_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let data = folder.metadata()?;
    // SAFETY: it has no preconditions.
    let us = unsafe { libc::geteuid() };
    if data.uid() != us && data.uid() != 0 {
        let message = format!("it belongs to user {}: V8 would run what they put in (chown it to user {us})", data.uid());
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
    }
    if data.permissions().mode() & 0o022 != 0 {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "others may write there: V8 would run what they put in (chmod go-w)",
        ));
    }
    Ok(())
}

/// In one step, as far as readers can see; nobody else may read it.
pub(crate) fn write(file: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let scratch = file.with_extension(format!("{}.tmp", std::process::id()));
    let mut open = std::fs::File::options().write(true).create(true).truncate(true).mode(0o600).open(&scratch)?;
    let written = open.write_all(&Sha256::digest(bytes)).and_then(|()| open.write_all(bytes));
    let written = written.and_then(|()| std::fs::rename(&scratch, file));
    if written.is_err() {
        // On a full disk it would take what room there is.
        let _gone_already = std::fs::remove_file(&scratch);
    }
    written
}

/// # Errors
/// `InvalidData` if it is not as it was written.
pub(crate) fn read(file: &Path) -> io::Result<Vec<u8>> {
    let mut whole = std::fs::read(file)?;
    if whole.len() < DIGEST_BYTES {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let bytes = whole.split_off(DIGEST_BYTES);
    if Sha256::digest(&bytes)[..] == whole { Ok(bytes) } else { Err(io::ErrorKind::InvalidData.into()) }
}
