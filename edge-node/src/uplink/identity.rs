use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use skerry_protocol::signing;

use super::UplinkError;
use super::http::Client;

const FILE: &str = "identity.json";

/// Who this edge is, and whom it listens to.
pub(super) struct Identity {
    id: String,
    key: Ed25519KeyPair,
    control: Vec<u8>,
    enrolment: Option<String>,
}

/// As it is on the disk.
#[derive(Serialize, Deserialize)]
struct Saved {
    id: String,
    /// PKCS #8, in Base64.
    key: String,
    /// The control plane's public key.
    control: String,
    /// The public key of the token that let it in; what is secret in the token is not kept. None where an older release has written this.
    #[serde(default)]
    enrolment: Option<String>,
}

impl Identity {
    pub fn read(folder: &Path) -> Result<Self, UplinkError> {
        let file = folder.join(FILE);
        let wrong = |message: String| UplinkError::File { file: file.display().to_string(), message };
        let text = match std::fs::read(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(UplinkError::NotEnrolled),
            Err(error) => return Err(wrong(error.to_string())),
        };
        let saved: Saved = serde_json::from_slice(&text).map_err(|error| wrong(error.to_string()))?;
        Self::of(&saved).ok_or_else(|| wrong("its keys are damaged: remove the file and enrol the edge anew".to_owned()))
    }

    fn of(saved: &Saved) -> Option<Self> {
        let key = Ed25519KeyPair::from_pkcs8(&STANDARD_NO_PAD.decode(&saved.key).ok()?).ok()?;
        let control = URL_SAFE_NO_PAD.decode(&saved.control).ok()?;
        Some(Self { id: saved.id.clone(), key, control, enrolment: saved.enrolment.clone() })
    }

    /// Whether it is known that another token than this one has let the edge in.
    pub fn is_of_another(&self, token: &str) -> bool {
        let given = parts_of(token).and_then(|(seed, _)| Ed25519KeyPair::from_seed_unchecked(&seed).ok());
        let given = given.map(|pair| URL_SAFE_NO_PAD.encode(pair.public_key()));
        self.enrolment.is_some() && self.enrolment != given
    }

    pub async fn enrol(client: &Client, token: &str, folder: &Path) -> Result<Self, UplinkError> {
        let (seed, control) = parts_of(token).ok_or(UplinkError::Token)?;
        let enrolment = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| UplinkError::Token)?;
        let none = |_| UplinkError::Unclear("no key could be made".to_owned());
        let key = Ed25519KeyPair::generate().map_err(none)?;
        let document = key.to_pkcs8().map_err(none)?;
        let public_key = URL_SAFE_NO_PAD.encode(key.public_key());
        let signature = STANDARD_NO_PAD.encode(enrolment.sign(signing::enrolment(&public_key).as_bytes()));
        let enrolment_key = URL_SAFE_NO_PAD.encode(enrolment.public_key());
        let body =
            serde_json::json!({ "enrolment_key": enrolment_key, "public_key": public_key, "signature": signature }).to_string();
        let answer = client.post("/v1/edges/enrol", None, body.into()).await?;
        let answer: serde_json::Value =
            serde_json::from_slice(&answer).map_err(|error| UplinkError::Unclear(error.to_string()))?;
        let id = answer["result"]["id"].as_str().ok_or_else(|| UplinkError::Unclear("it gives no id".to_owned()))?;
        let (key, control) = (STANDARD_NO_PAD.encode(document.as_ref()), control.to_owned());
        let saved = Saved { id: id.to_owned(), key, control, enrolment: Some(enrolment_key) };
        save(&folder.join(FILE), &saved)?;
        Self::of(&saved).ok_or(UplinkError::Token)
    }

    /// The header of a signed request.
    pub fn sign(&self, method: &str, path: &str, nonce: &str, body: &[u8]) -> String {
        let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
        let signature = self.key.sign(signing::request(method, path, time, nonce, body).as_bytes());
        format!("{} {} {time} {nonce} {}", signing::SCHEME, self.id, STANDARD_NO_PAD.encode(signature))
    }

    /// The JSON of a line of the feed, if the control plane has signed it for this place.
    pub fn verified<'l>(&self, line: &'l str, nonce: &str, index: u64) -> Result<&'l str, UplinkError> {
        verified(&self.control, line, nonce, index)
    }
}

/// The seed of the key that a token for enrolment holds, and the control plane's public key.
pub(crate) fn parts_of(token: &str) -> Option<(Vec<u8>, &str)> {
    let (seed, control) = token.trim().strip_prefix("enrol_")?.split_once('.')?;
    let key = |text: &str| URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() == 32);
    key(control)?;
    Some((key(seed)?, control))
}

pub(crate) fn verified<'l>(control: &[u8], line: &'l str, nonce: &str, index: u64) -> Result<&'l str, UplinkError> {
    let (signature, json) = line.split_once(' ').ok_or(UplinkError::Forged)?;
    let signature = STANDARD_NO_PAD.decode(signature).map_err(|_| UplinkError::Forged)?;
    let text = signing::line(nonce, index, json);
    UnparsedPublicKey::new(&ED25519, control).verify(text.as_bytes(), &signature).map_err(|_| UplinkError::Forged)?;
    Ok(json)
}

fn save(file: &PathBuf, saved: &Saved) -> Result<(), UplinkError> {
    use std::os::unix::fs::OpenOptionsExt;
    let wrong = |error: std::io::Error| UplinkError::File { file: file.display().to_string(), message: error.to_string() };
    let text = serde_json::to_vec(saved).map_err(|error| wrong(error.into()))?;
    let scratch = file.with_extension("tmp");
    let mut open = std::fs::File::options().write(true).create(true).truncate(true).mode(0o600).open(&scratch).map_err(wrong)?;
    open.write_all(&text).and_then(|()| open.sync_all()).and_then(|()| std::fs::rename(&scratch, file)).map_err(wrong)
}

pub(super) fn nonce() -> Result<String, UplinkError> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| UplinkError::Unclear("there is no randomness".to_owned()))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_knows_the_token_that_let_it_in() -> Result<(), Box<dyn std::error::Error>> {
        let token = |seed: u8| format!("enrol_{}.{}", URL_SAFE_NO_PAD.encode([seed; 32]), URL_SAFE_NO_PAD.encode([9; 32]));
        let (key, first) = (Ed25519KeyPair::generate()?, Ed25519KeyPair::from_seed_unchecked(&[1; 32])?);
        let enrolment = Some(URL_SAFE_NO_PAD.encode(first.public_key()));
        let mut edge = Identity { id: "e".into(), key, control: Vec::new(), enrolment };
        assert!(!edge.is_of_another(&token(1)) && edge.is_of_another(&token(2)) && edge.is_of_another("enrol_"));
        // It was not written down.
        edge.enrolment = None;
        assert!(!edge.is_of_another(&token(1)) && !edge.is_of_another(&token(2)));
        Ok(())
    }

    #[test]
    fn lines_count_in_their_place_for_their_request_alone() -> Result<(), Box<dyn std::error::Error>> {
        let control = Ed25519KeyPair::generate()?;
        let (key, public) = (Ed25519KeyPair::generate()?, control.public_key().as_ref().to_vec());
        let edge = Identity { id: "e".into(), key, control: public, enrolment: None };
        let signed = |nonce: &str, index, json: &str| {
            format!("{} {json}", STANDARD_NO_PAD.encode(control.sign(signing::line(nonce, index, json).as_bytes())))
        };
        let line = signed("n", 3, "{}");
        assert_eq!(edge.verified(&line, "n", 3), Ok("{}"));
        let changed = line.replace("{}", "[]");
        for (line, nonce, index) in
            [(&line, "m", 3), (&line, "n", 4), (&changed, "n", 3), (&"{}".to_owned(), "n", 3), (&String::new(), "n", 3)]
        {
            assert_eq!(edge.verified(line, nonce, index), Err(UplinkError::Forged), "{line}");
        }
        Ok(())
    }
}
