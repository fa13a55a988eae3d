//! The feed, what edges keep of it, and the rows that it is made of.

use std::sync::LazyLock;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use skerry_control::fuzzing as control;
use skerry_control::{Meta, Transaction};
use skerry_edge::StoreError;
use skerry_edge::fuzzing as edge;
use skerry_protocol::{Digest, FeedMessage, Position, signing};
use tempfile::TempDir;

use crate::plane::{Plane, wait};

const NONCE: &str = "0123456789abcdef";

/// Lines of the feed, as if they were signed.
pub fn feed(data: &[u8]) {
    let read: Result<Vec<FeedMessage>, _> = data.split(|byte| *byte == b'\n').map(serde_json::from_slice).collect();
    let Ok(messages) = read else { return };
    for message in &messages {
        let line = serde_json::to_vec(message).expect("it is JSON");
        let again: FeedMessage = serde_json::from_slice(&line).expect("what is written is read");
        assert_eq!(serde_json::to_vec(&again).ok(), Some(line), "and is the same");
    }
    let last = messages.iter().rev().find_map(revision_of);
    match edge::after_feed(messages) {
        Ok(Some((revision, workers))) => {
            assert!(workers.is_sorted_by(|one, other| one.id < other.id), "each worker once");
            assert!(last.is_some_and(|last| last <= revision), "what comes last is applied, or older");
        }
        Ok(None) => assert!(last.is_none(), "a feed that begins with nothing needs a snapshot"),
        Err(error) => assert!(error.to_string().contains("goes on with revision"), "{error}"),
    }
}

fn revision_of(message: &FeedMessage) -> Option<u64> {
    match message {
        FeedMessage::Snapshot { at, .. } | FeedMessage::Change { at, .. } | FeedMessage::Heartbeat { at } => Some(at.revision),
        FeedMessage::Peers { .. } | FeedMessage::Watch { .. } => None,
    }
}

/// A line with its signature: no other than those that were signed counts. `SIGNED` is one that was.
pub fn feed_line(data: &[u8]) {
    static KEY: LazyLock<Ed25519KeyPair> = LazyLock::new(|| Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a key"));
    const JSON: &str = r#"{"heartbeat":{"at":{"epoch":"e","revision":7}}}"#;
    let signed = format!("{} {JSON}", STANDARD_NO_PAD.encode(KEY.sign(signing::line(NONCE, 3, JSON).as_bytes())));
    let Ok(text) = std::str::from_utf8(data) else { return };
    let text = text.replace("SIGNED", &signed);
    let public = KEY.public_key().as_ref();
    let verified = edge::verified_line(public, &text, NONCE, 3);
    assert_eq!(verified.is_some(), text == signed, "{text}");
    assert!(edge::verified_line(public, &text, NONCE, 4).is_none() && edge::verified_line(public, &text, "", 3).is_none());
}

/// What an edge finds on its disk: the file itself, or with `+` before it JSON whose digest is right.
pub fn deployed_json(data: &[u8]) {
    thread_local!(static FOLDER: TempDir = tempfile::tempdir().expect("a scratch folder"));
    FOLDER.with(|folder| {
        let whole = match data.strip_prefix(b"+") {
            Some(json) => [format!("{}\n", Digest::of(json)).as_bytes(), json].concat(),
            None => data.to_vec(),
        };
        std::fs::write(folder.path().join("deployed.json"), whole).expect("it is written");
        match edge::saved(folder.path()) {
            Ok(Some((revision, workers))) => {
                let read = serde_json::to_string(&workers).expect("it is JSON");
                edge::save(folder.path(), revision, workers).expect("it is saved");
                let (again, workers) = edge::saved(folder.path()).expect("it can be read").expect("it is there");
                assert_eq!((again, serde_json::to_string(&workers).ok()), (revision, Some(read)), "what is saved is read");
            }
            Ok(None) => panic!("there is a file"),
            Err(StoreError::Damaged { .. }) => assert!(!data.starts_with(b"+"), "its digest is right"),
            Err(error) => assert!(matches!(error, StoreError::Foreign { .. }), "{error}"),
        }
    });
}

/// A row of the store, of whatever kind. One that is damaged stops nothing.
pub fn rows(data: &[u8]) {
    for written in control::rows(data) {
        assert!(control::rows(&written).contains(&written), "what is read is written so that it is read as the same");
    }
    // All that the store may be asked for takes long: some of them.
    if Digest::of(data).to_string().starts_with(['0', '1']) {
        wait(async {
            let plane = Plane::new().await;
            let keys = ["live/x", "worker/ACCOUNT/x", "version/x/000000000001", "version-id/x/x", "deployment/x/x", "token/x"];
            let mut transaction = Transaction::default();
            for key in keys {
                transaction.put(key.replace("ACCOUNT", &plane.account), data.to_vec());
            }
            plane.meta.commit(transaction).await.expect("a commit");
            plane.control.live_snapshot().await.expect("one row stops no feed");
            plane.control.live_changes(&Position::default(), 100).await.expect("nor its changes");
            let _told = plane.control.workers(&plane.account).await;
            let _told = plane.control.versions("x", 10).await;
            let _told = plane.control.deployments("x", 10).await;
            let _told = plane.control.tokens(&plane.caller).await;
        });
    }
}

/// Shares in percent, parted by spaces: those that may be deployed can be served.
pub fn shares(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let shares: Vec<f64> = text.split_ascii_whitespace().filter_map(|number| number.parse().ok()).collect();
    let place = edge::version_place(&shares, data);
    assert!(place.is_some() || !control::are_shares(&shares), "{shares:?} may be deployed and cannot be served");
    if let Some(place) = place {
        assert!(shares.get(place).is_some_and(|share| *share > 0.0), "{shares:?}: place {place}");
    }
}
