//! The API's certificate and key, which are read again when their files change: a new certificate needs no restart.

use std::path::PathBuf;
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{self, ServerConfig};

/// Where certificate and key are, in PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The server's own first, then those of authorities between it and one that clients know.
    pub cert: PathBuf,
    pub key: PathBuf,
}

/// Why the files cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    #[error("{}: cannot be read: {message}", file.display())]
    Unreadable { file: PathBuf, message: String },
    #[error("{}: there is no certificate in it: a file in PEM is expected, with the server's own certificate first", .0.display())]
    NoCertificate(PathBuf),
    #[error("{}: there is no private key in it: a file in PEM is expected, whose key has no passphrase", .0.display())]
    NoKey(PathBuf),
    #[error("{}: it is not the key of the certificate in {}: give the one that was made with it", key.display(), cert.display())]
    Mismatch { cert: PathBuf, key: PathBuf },
    #[error("{} and {}: they cannot be used: {message}", cert.display(), key.display())]
    Unusable { cert: PathBuf, key: PathBuf, message: String },
}

/// What the API proves itself with.
pub struct Tls {
    files: TlsFiles,
    /// What the files had when they were looked at last.
    seen: Mutex<Vec<u8>>,
    current: Arc<Current>,
    config: Arc<ServerConfig>,
}

impl Tls {
    pub fn open(files: TlsFiles) -> Result<Arc<Self>, TlsError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let contents = Contents::read(&files)?;
        let current = Arc::new(Current(RwLock::new(contents.certified(&files, &provider)?)));
        let unusable = |error: rustls::Error| files.unusable(&error);
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(unusable)?;
        let mut config = config.with_no_client_auth().with_cert_resolver(current.clone());
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(Self { seen: Mutex::new(contents.joined()), files, current, config: Arc::new(config) }))
    }

    /// Looks at the files; true when there is something new, which new connections get. After an error those from before stay.
    pub fn reload(&self) -> Result<bool, TlsError> {
        let contents = Contents::read(&self.files)?;
        let joined = contents.joined();
        if *self.seen.lock() == joined {
            return Ok(false);
        }
        let certified = contents.certified(&self.files, self.config.crypto_provider())?;
        *self.current.0.write() = certified;
        *self.seen.lock() = joined;
        Ok(true)
    }

    pub(super) fn config(&self) -> Arc<ServerConfig> {
        self.config.clone()
    }
}

impl TlsFiles {
    fn unusable(&self, error: &rustls::Error) -> TlsError {
        TlsError::Unusable { cert: self.cert.clone(), key: self.key.clone(), message: error.to_string() }
    }
}

/// Of both files.
struct Contents {
    cert: Vec<u8>,
    key: Vec<u8>,
}

impl Contents {
    fn read(files: &TlsFiles) -> Result<Self, TlsError> {
        let read = |file: &PathBuf| {
            std::fs::read(file).map_err(|error| TlsError::Unreadable { file: file.clone(), message: error.to_string() })
        };
        Ok(Self { cert: read(&files.cert)?, key: read(&files.key)? })
    }

    fn joined(&self) -> Vec<u8> {
        [self.cert.as_slice(), &[0], &self.key].concat()
    }

    fn certified(&self, files: &TlsFiles, provider: &CryptoProvider) -> Result<Arc<CertifiedKey>, TlsError> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&self.cert).collect();
        let chain = chain.ok().filter(|chain| !chain.is_empty());
        let chain = chain.ok_or_else(|| TlsError::NoCertificate(files.cert.clone()))?;
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|_| TlsError::NoKey(files.key.clone()))?;
        match CertifiedKey::from_der(chain, key, provider) {
            Ok(certified) => Ok(Arc::new(certified)),
            Err(rustls::Error::InconsistentKeys(_)) => {
                Err(TlsError::Mismatch { cert: files.cert.clone(), key: files.key.clone() })
            }
            Err(error) => Err(files.unusable(&error)),
        }
    }
}

#[derive(Debug)]
struct Current(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().clone())
    }
}
