//! Secrets at rest: AES-256-GCM with keys that are not in the database.

use std::io::{self, Write};
use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use serde::{Deserialize, Serialize};

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;

/// Keys by their numbers. New secrets are sealed with the last.
pub struct Keyring {
    keys: Vec<RandomizedNonceKey>,
}

/// A secret that takes the keyring to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Number of the key.
    key: usize,
    /// Nonce and ciphertext, in Base64.
    text: String,
}

/// The secret cannot be read: its key is not in the file of keys, or it was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a secret cannot be read with key {0}: is the file of keys the one that it was sealed with?")]
pub struct Unreadable(usize);

impl Keyring {
    /// Reads the file, which has a key in hexadecimal digits on each line; it is made with one, if it is missing.
    pub fn open(file: &Path) -> io::Result<Self> {
        if !file.exists() {
            make(file)?;
        }
        let text = std::fs::read_to_string(file)?;
        let key = |(index, line): (usize, &str)| {
            let number = index + 1;
            let wrong = || {
                let text = format!("{}, line {number}: expected a key of 64 hexadecimal digits", file.display());
                io::Error::new(io::ErrorKind::InvalidData, text)
            };
            let bytes = decode(line.trim()).ok_or_else(wrong)?;
            RandomizedNonceKey::new(&AES_256_GCM, &bytes).map_err(|_| wrong())
        };
        let keys: Vec<_> = text.lines().enumerate().map(key).collect::<Result<_, _>>()?;
        if keys.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, format!("{}: there is no key in it", file.display())));
        }
        Ok(Self { keys })
    }

    /// `owner` says whose it is: nobody else's can be put in its place.
    pub fn seal(&self, owner: &str, secret: &str) -> Result<Sealed, Unreadable> {
        let number = self.keys.len();
        let key = self.keys.last().ok_or(Unreadable(number))?;
        let mut text = secret.as_bytes().to_vec();
        let nonce = key.seal_in_place_append_tag(Aad::from(owner), &mut text).map_err(|_| Unreadable(number))?;
        Ok(Sealed { key: number, text: BASE64.encode([&nonce.as_ref()[..], &text].concat()) })
    }

    pub fn open_sealed(&self, owner: &str, sealed: &Sealed) -> Result<String, Unreadable> {
        let wrong = || Unreadable(sealed.key);
        let key = sealed.key.checked_sub(1).and_then(|index| self.keys.get(index)).ok_or_else(wrong)?;
        let mut bytes = BASE64.decode(&sealed.text).map_err(|_| wrong())?;
        let (nonce, text) = bytes.split_at_mut_checked(NONCE_BYTES).ok_or_else(wrong)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| wrong())?;
        let open = key.open_in_place(nonce, Aad::from(owner), text).map_err(|_| wrong())?;
        String::from_utf8(open.to_vec()).map_err(|_| wrong())
    }
}

fn make(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut key = [0; KEY_BYTES];
    aws_lc_rs::rand::fill(&mut key).map_err(|_| io::Error::other("there is no randomness for a key"))?;
    let line: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut open = std::fs::File::options().write(true).create_new(true).mode(0o600).open(file)?;
    writeln!(open, "{line}")?;
    open.sync_all()
}

fn decode(line: &str) -> Option<[u8; KEY_BYTES]> {
    let digits = line.as_bytes();
    let mut key = [0; KEY_BYTES];
    if digits.len() != 2 * KEY_BYTES || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_with_its_key_by_its_owner_alone() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("secrets.key");
        let keys = Keyring::open(&file)?;
        let sealed = keys.seal("worker/KEY", "hunter2")?;
        assert!(!sealed.text.contains("hunter2") && keys.seal("worker/KEY", "hunter2")? != sealed);
        assert_eq!(keys.open_sealed("other/KEY", &sealed), Err(Unreadable(1)));
        for text in ["", "AAAA", &sealed.text[1..], &sealed.text.replace(&sealed.text[30..31], "-")] {
            assert_eq!(keys.open_sealed("worker/KEY", &Sealed { key: 1, text: text.to_owned() }), Err(Unreadable(1)));
        }
        // A second key is for what comes; the first still reads what there is.
        let second = "ab".repeat(KEY_BYTES);
        std::fs::write(&file, std::fs::read_to_string(&file)? + &second + "\n")?;
        let keys = Keyring::open(&file)?;
        assert_eq!(keys.open_sealed("worker/KEY", &sealed)?, "hunter2");
        assert_eq!(keys.seal("worker/KEY", "")?.key, 2);
        std::fs::write(&file, second)?;
        assert_eq!(Keyring::open(&file)?.open_sealed("worker/KEY", &sealed), Err(Unreadable(1)));
        Ok(())
    }

    #[test]
    fn a_file_that_is_no_file_of_keys_is_named_with_its_line() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("secrets.key");
        std::fs::write(&file, format!("{}\nnot a key\n", "0".repeat(64)))?;
        let text = Keyring::open(&file).err().ok_or("it was read")?.to_string();
        assert!(text.ends_with("secrets.key, line 2: expected a key of 64 hexadecimal digits"), "{text}");
        Ok(())
    }
}
