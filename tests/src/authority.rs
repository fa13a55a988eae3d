//! Certificates for tests, made with OpenSSL as docs/operators.md says, and `curl`, which checks them.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

const KEY: [&str; 5] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/// An authority that nobody knows.
pub struct Authority {
    folder: TempDir,
}

/// A server's certificate and key.
pub struct Certificate {
    pub cert: PathBuf,
    pub key: PathBuf,
}

impl Authority {
    pub fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let args = ["req", "-x509", "-days", "30", "-subj", "/CN=Skerry test", "-keyout", "ca.key", "-out", "ca.pem"];
        openssl(folder.path(), &[&args[..], &KEY].concat())?;
        Ok(Self { folder })
    }

    pub fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// One for a server at 127.0.0.1.
    pub fn certificate(&self, name: &str) -> Result<Certificate> {
        self.certificate_for(name, "IP:127.0.0.1,DNS:localhost")
    }

    pub fn certificate_for(&self, name: &str, hosts: &str) -> Result<Certificate> {
        let file = |end: &str| format!("{name}.{end}");
        let (cert, key, request) = (file("pem"), file("key"), file("csr"));
        let subject = ["req", "-subj", "/CN=control", "-addext", &format!("subjectAltName={hosts}")];
        openssl(self.folder.path(), &[&subject[..], &["-keyout", &key, "-out", &request], &KEY].concat())?;
        let signing = ["x509", "-req", "-in", &request, "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "30"];
        openssl(self.folder.path(), &[&signing[..], &["-copy_extensions", "copyall", "-out", &cert]].concat())?;
        Ok(Certificate { cert: self.folder.path().join(cert), key: self.folder.path().join(key) })
    }
}

impl Certificate {
    pub fn args(&self) -> [String; 4] {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        ["--tls-cert".into(), text(&self.cert), "--tls-key".into(), text(&self.key)]
    }

    /// Writes another one in its place: first the certificate, then the key, as tools that renew them do.
    pub fn become_like(&self, other: &Self) -> Result<()> {
        std::fs::copy(&other.cert, &self.cert)?;
        std::fs::copy(&other.key, &self.key)?;
        Ok(())
    }
}

fn openssl(folder: &Path, args: &[&str]) -> Result<()> {
    let ran = Command::new("openssl").args(args).current_dir(folder).output().context("openssl does not start")?;
    ensure!(ran.status.success(), "openssl {}: {}", args.join(" "), String::from_utf8_lossy(&ran.stderr));
    Ok(())
}

/// What `curl` prints. An error where it fails, with its exit code: 60 for a certificate that it does not trust.
pub fn curl(args: &[&str]) -> Result<String> {
    let always = ["--silent", "--show-error", "--max-time", "20", "--noproxy", "*"];
    let ran = Command::new("curl").args(always).args(args).output().context("curl does not start")?;
    let code = ran.status.code().unwrap_or(-1);
    ensure!(code == 0, "curl {}: exit code {code}: {}", args.join(" "), String::from_utf8_lossy(&ran.stderr));
    Ok(String::from_utf8(ran.stdout)?)
}
