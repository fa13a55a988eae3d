use std::io::{self, Write};
use std::path::Path;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// The control plane's key, by which edges know it.
pub struct Identity(Ed25519KeyPair);

impl Identity {
    /// Reads the file, which is made if it is missing.
    pub fn open(file: &Path) -> io::Result<Self> {
        use std::os::unix::fs::OpenOptionsExt;
        if !file.exists() {
            let made = Ed25519KeyPair::generate().and_then(|pair| pair.to_pkcs8());
            let made = made.map_err(|_| io::Error::other("no key could be made"))?;
            let mut open = std::fs::File::options().write(true).create_new(true).mode(0o600).open(file)?;
            open.write_all(made.as_ref())?;
            open.sync_all()?;
        }
        let wrong =
            |_| io::Error::new(io::ErrorKind::InvalidData, format!("{}: it is no key of Ed25519 in PKCS #8", file.display()));
        Ok(Self(Ed25519KeyPair::from_pkcs8(&std::fs::read(file)?).map_err(wrong)?))
    }

    pub fn public_key(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.public_key())
    }

    pub(crate) fn sign(&self, text: &str) -> String {
        STANDARD_NO_PAD.encode(self.0.sign(text.as_bytes()))
    }
}
