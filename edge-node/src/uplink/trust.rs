//! Whose certificates are believed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// A file of certificates (PEM) in place of those of public authorities, as for OpenSSL and what is built on it.
const VARIABLE: &str = "SSL_CERT_FILE";

/// The authorities that servers' certificates may be signed by.
#[derive(Debug, Clone)]
pub struct Trust(Arc<RootCertStore>);

/// Why a file of authorities cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    #[error("{}: cannot be read: {message}", file.display())]
    Unreadable { file: PathBuf, message: String },
    #[error("{}: there is no certificate of an authority in it: a file in PEM is expected", .0.display())]
    Empty(PathBuf),
}

impl Trust {
    /// Public authorities, or those of `SSL_CERT_FILE`, and besides them those in a file.
    pub fn new(own: Option<&Path>) -> Result<Self, TrustError> {
        let mut roots = RootCertStore::empty();
        match std::env::var_os(VARIABLE).filter(|file| !file.is_empty()) {
            Some(file) => add(&mut roots, Path::new(&file))?,
            None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        }
        if let Some(own) = own {
            add(&mut roots, own)?;
        }
        Ok(Self(Arc::new(roots)))
    }

    /// Of a client that has no certificate itself.
    pub fn client(&self) -> ClientConfig {
        ClientConfig::builder().with_root_certificates(self.0.clone()).with_no_client_auth()
    }
}

fn add(roots: &mut RootCertStore, file: &Path) -> Result<(), TrustError> {
    let unreadable = |error: std::io::Error| TrustError::Unreadable { file: file.to_owned(), message: error.to_string() };
    let text = std::fs::read(file).map_err(unreadable)?;
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&text).map_while(Result::ok).collect();
    let (added, _others) = roots.add_parsable_certificates(certificates);
    if added == 0 { Err(TrustError::Empty(file.to_owned())) } else { Ok(()) }
}
