//! Files in memory that do not change any more: code, what was compiled of it, and the snapshot.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::os::fd::OwnedFd;

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, fcntl_get_seals, memfd_create};

const SEALS: SealFlags = SealFlags::WRITE.union(SealFlags::GROW).union(SealFlags::SHRINK).union(SealFlags::SEAL);

/// Why a file is not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MemoryFileError {
    #[error("a memory file is not sealed")]
    NotSealed,
    #[error("a memory file has {0} bytes, and may have {1}")]
    TooLarge(u64, u64),
    #[error("a memory file cannot be read: {0}")]
    Read(#[from] io::Error),
}

/// A file with these bytes.
pub(crate) fn sealed(name: &str, parts: &[&[u8]]) -> io::Result<OwnedFd> {
    let mut file = File::from(memfd_create(name, MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?);
    for part in parts {
        file.write_all(part)?;
    }
    fcntl_add_seals(&file, SEALS)?;
    Ok(file.into())
}

/// What is in it. Only a file that nobody can change or keep waiting is read.
pub(crate) fn read_sealed(file: OwnedFd, bytes_max: u64) -> Result<Vec<u8>, MemoryFileError> {
    let is_sealed = fcntl_get_seals(&file).is_ok_and(|seals| seals.contains(SEALS));
    if !is_sealed {
        return Err(MemoryFileError::NotSealed);
    }
    let mut file = File::from(file);
    // In a sandbox no call is left that asks for it.
    let length = file.seek(SeekFrom::End(0))?;
    if length > bytes_max {
        return Err(MemoryFileError::TooLarge(length, bytes_max));
    }
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
    // Its position is shared with the sender, who may move it.
    std::os::unix::fs::FileExt::read_exact_at(&file, &mut bytes, 0)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sealed_files_of_a_bounded_size_are_read() -> Result<(), Box<dyn std::error::Error>> {
        assert_eq!(read_sealed(sealed("a", &[b"one ", b"two"])?, 7)?, b"one two");
        assert!(matches!(read_sealed(sealed("a", &[b"one"])?, 2), Err(MemoryFileError::TooLarge(3, 2))));
        let open = memfd_create("a", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
        assert!(matches!(read_sealed(open, 100), Err(MemoryFileError::NotSealed)));
        let (reader, _writer) = rustix::pipe::pipe()?;
        assert!(matches!(read_sealed(reader, 100), Err(MemoryFileError::NotSealed)));
        let refused = File::from(sealed("a", &[b"one"])?).write_all(b"x");
        assert!(refused.is_err());
        Ok(())
    }
}
