//! Ids of Durable Objects: made where worker code runs, checked where the namespace is known.

use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use crate::ObjectId;

/// Of an id: what tells the object. The rest proves that it belongs to the namespace.
const BASE_BYTES: usize = 16;
/// In the first byte: the id is not that of a name.
const UNIQUE: u8 = 0x80;
/// What is hashed is told apart by its first byte.
const OF_NAME: u8 = 1;
const OF_BASE: u8 = 2;

/// The ids of one namespace. Whoever does not know the namespace's own id can make none of them up.
#[derive(Clone)]
pub struct ObjectIds(Hmac<Sha256>);

impl ObjectIds {
    /// `namespace` is the namespace's own id.
    #[must_use]
    pub fn new(namespace: &str) -> Self {
        let mut key = [0; 64];
        key[..32].copy_from_slice(&Sha256::new().chain_update(b"ids of objects\0").chain_update(namespace).finalize());
        Self(<Hmac<Sha256> as KeyInit>::new(&key.into()))
    }

    /// The id of a name, always the same.
    #[must_use]
    pub fn of_name(&self, name: &str) -> ObjectId {
        let hash: ObjectId = self.0.clone().chain_update([OF_NAME]).chain_update(name).finalize().into_bytes().into();
        let mut base = [0; BASE_BYTES];
        base.copy_from_slice(&hash[..BASE_BYTES]);
        base[0] &= !UNIQUE;
        self.with_proof(base)
    }

    /// The id of no name, made from randomness.
    #[must_use]
    pub fn unique(&self, mut random: [u8; 16]) -> ObjectId {
        random[0] |= UNIQUE;
        self.with_proof(random)
    }

    /// Whether the id is one of the namespace's.
    #[must_use]
    pub fn check(&self, id: &ObjectId) -> bool {
        let (base, proof) = id.split_at(BASE_BYTES);
        self.0.clone().chain_update([OF_BASE]).chain_update(base).verify_truncated_left(proof).is_ok()
    }

    fn with_proof(&self, base: [u8; BASE_BYTES]) -> ObjectId {
        let mut id: ObjectId = self.0.clone().chain_update([OF_BASE]).chain_update(base).finalize().into_bytes().into();
        id.copy_within(..BASE_BYTES, BASE_BYTES);
        id[..BASE_BYTES].copy_from_slice(&base);
        id
    }
}

/// 64 hexadecimal digits.
#[must_use]
pub fn text_of_object_id(id: &ObjectId) -> String {
    use std::fmt::Write as _;
    id.iter().fold(String::with_capacity(2 * id.len()), |mut text, byte| {
        // Into a String: it cannot fail.
        let _written = write!(text, "{byte:02x}");
        text
    })
}

/// Reads what [`text_of_object_id`] has written, in small or capital letters.
#[must_use]
pub fn object_id_of_text(text: &str) -> Option<ObjectId> {
    let digits = text.as_bytes();
    let mut id = ObjectId::default();
    if digits.len() != 2 * id.len() {
        return None;
    }
    for (byte, pair) in id.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_of_one_namespace_and_told_apart() {
        let (ours, other) = (ObjectIds::new("0123"), ObjectIds::new("0124"));
        let (named, unique) = (ours.of_name("room"), ours.unique([0; 16]));
        assert_eq!(named, ObjectIds::new("0123").of_name("room"));
        assert_ne!(named, ours.of_name("room2"));
        assert_ne!(named, other.of_name("room"));
        assert!(ours.check(&named) && ours.check(&unique));
        assert!(!other.check(&named) && !other.check(&unique));
        assert_eq!((named[0] & UNIQUE, unique[0] & UNIQUE), (0, UNIQUE));
        for bit in 0..256 {
            let mut forged = named;
            forged[bit / 8] ^= 1 << (bit % 8);
            assert!(!ours.check(&forged), "bit {bit}");
        }
    }

    #[test]
    fn ids_are_read_as_they_were_written() {
        let id = ObjectIds::new("0123").of_name("room");
        let text = text_of_object_id(&id);
        assert_eq!(object_id_of_text(&text), Some(id));
        assert_eq!(object_id_of_text(&text.to_uppercase()), Some(id));
        for wrong in ["", "0", &text[1..], &text.replacen(char::is_alphanumeric, "g", 1), &format!("{}é", &text[2..])] {
            assert_eq!(object_id_of_text(wrong), None, "{wrong}");
        }
    }
}
