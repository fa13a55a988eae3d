//! TLS of the API, as the command line names it, and what is read again while it serves.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use skerry_control::{Tls, TlsFiles};
use tokio::signal::unix::{SignalKind, signal};

use crate::printer::Printer;

/// How often the files are looked at.
const LOOKED_AT_EVERY: Duration = Duration::from_secs(10);

#[derive(Args)]
pub(crate) struct TlsArgs {
    /// The API's certificate (PEM), and those of authorities behind it: the API speaks TLS. Read again when it changes.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The certificate's private key (PEM).
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
}

impl TlsArgs {
    pub fn open(&self) -> Result<Option<Arc<Tls>>> {
        let Some((cert, key)) = self.tls_cert.clone().zip(self.tls_key.clone()) else { return Ok(None) };
        Ok(Some(Tls::open(TlsFiles { cert, key })?))
    }
}

/// Looks at the files now and then, and at once on SIGHUP.
pub(super) async fn keep(tls: Option<Arc<Tls>>, printer: Arc<Printer>) {
    let Ok(mut hangups) = signal(SignalKind::hangup()) else { return std::future::pending().await };
    let mut trouble = None;
    loop {
        let is_asked = tokio::select! {
            _ = hangups.recv() => true,
            () = tokio::time::sleep(LOOKED_AT_EVERY) => false,
        };
        let Some(tls) = &tls else {
            if is_asked {
                printer.note("Nothing is read again: a restart reads the configuration");
            }
            continue;
        };
        match tls.reload() {
            Ok(true) => {
                trouble = None;
                printer.note("The certificate was read again: new connections get it");
            }
            Ok(false) if is_asked => printer.note("The certificate is the same as before"),
            Ok(false) => {}
            // Once for each thing that is wrong.
            Err(error) if is_asked || trouble.as_ref() != Some(&error) => {
                printer.error(&format!("The certificate from before is used on: {error}"));
                trouble = Some(error);
            }
            Err(_) => {}
        }
    }
}
