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
/// The same in a jurisdiction, whose number follows.
const OF_NAME_WITHIN: u8 = 3;
const OF_BASE_WITHIN: u8 = 4;

/// Where an object's data has to stay. It is part of the id: one name has an object of its own in each.
/// <https://developers.cloudflare.com/durable-objects/reference/data-location/>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jurisdiction {
    Eu,
    Us,
    Fedramp,
    FedrampHigh,
}

impl Jurisdiction {
    pub const ALL: [Self; 4] = [Self::Eu, Self::Us, Self::Fedramp, Self::FedrampHigh];

    /// As worker code writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Eu => "eu",
            Self::Us => "us",
            Self::Fedramp => "fedramp",
            Self::FedrampHigh => "fedramp-high",
        }
    }

    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// In ids; never another's.
    fn number(self) -> u8 {
        match self {
            Self::Eu => 1,
            Self::Us => 2,
            Self::Fedramp => 3,
            Self::FedrampHigh => 4,
        }
    }
}

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
    pub fn of_name(&self, name: &str, jurisdiction: Option<Jurisdiction>) -> ObjectId {
        let keyed = self.keyed([OF_NAME, OF_NAME_WITHIN], jurisdiction);
        let hash: ObjectId = keyed.chain_update(name).finalize().into_bytes().into();
        let mut base = [0; BASE_BYTES];
        base.copy_from_slice(&hash[..BASE_BYTES]);
        base[0] &= !UNIQUE;
        self.with_proof(base, jurisdiction)
    }

    /// The id of no name, made from randomness.
    #[must_use]
    pub fn unique(&self, mut random: [u8; 16], jurisdiction: Option<Jurisdiction>) -> ObjectId {
        random[0] |= UNIQUE;
        self.with_proof(random, jurisdiction)
    }

    /// Which jurisdiction the id is of, if any; nothing where it is none of the namespace's ids.
    #[must_use]
    pub fn check(&self, id: &ObjectId) -> Option<Option<Jurisdiction>> {
        let (base, proof) = id.split_at(BASE_BYTES);
        let mut all = std::iter::once(None).chain(Jurisdiction::ALL.into_iter().map(Some));
        all.find(|one| self.keyed([OF_BASE, OF_BASE_WITHIN], *one).chain_update(base).verify_truncated_left(proof).is_ok())
    }

    /// Begins a hash: the first byte where there is no jurisdiction, the second where there is one.
    fn keyed(&self, [anywhere, within]: [u8; 2], jurisdiction: Option<Jurisdiction>) -> Hmac<Sha256> {
        match jurisdiction {
            None => self.0.clone().chain_update([anywhere]),
            Some(one) => self.0.clone().chain_update([within, one.number()]),
        }
    }

    fn with_proof(&self, base: [u8; BASE_BYTES], jurisdiction: Option<Jurisdiction>) -> ObjectId {
        let keyed = self.keyed([OF_BASE, OF_BASE_WITHIN], jurisdiction);
        let mut id: ObjectId = keyed.chain_update(base).finalize().into_bytes().into();
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
        for jurisdiction in std::iter::once(None).chain(Jurisdiction::ALL.into_iter().map(Some)) {
            let (named, unique) = (ours.of_name("room", jurisdiction), ours.unique([0; 16], jurisdiction));
            assert_eq!(named, ObjectIds::new("0123").of_name("room", jurisdiction));
            assert_ne!(named, ours.of_name("room2", jurisdiction));
            assert_ne!(named, other.of_name("room", jurisdiction));
            assert_eq!((ours.check(&named), ours.check(&unique)), (Some(jurisdiction), Some(jurisdiction)));
            assert_eq!((other.check(&named), other.check(&unique)), (None, None));
            assert_eq!((named[0] & UNIQUE, unique[0] & UNIQUE), (0, UNIQUE));
            for bit in 0..256 {
                let mut forged = named;
                forged[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(ours.check(&forged), None, "bit {bit}");
            }
        }
    }

    #[test]
    fn a_jurisdiction_has_ids_of_its_own_and_is_known_by_its_name() {
        let ids = ObjectIds::new("0123");
        let mut seen = vec![ids.of_name("room", None)];
        for one in Jurisdiction::ALL {
            assert_eq!(Jurisdiction::of_name(one.name()), Some(one));
            seen.push(ids.of_name("room", Some(one)));
        }
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 5);
        assert_eq!((Jurisdiction::of_name("EU"), Jurisdiction::of_name("")), (None, None));
    }

    #[test]
    fn ids_are_what_they_were_in_earlier_releases() {
        let ids = ObjectIds::new("0123");
        let named = text_of_object_id(&ids.of_name("room", None));
        assert_eq!(named, "43163b9645d70a10e9daaf9d32972e0223c07b65b36f6383caac7657241407dd");
    }

    #[test]
    fn ids_are_read_as_they_were_written() {
        let id = ObjectIds::new("0123").of_name("room", None);
        let text = text_of_object_id(&id);
        assert_eq!(object_id_of_text(&text), Some(id));
        assert_eq!(object_id_of_text(&text.to_uppercase()), Some(id));
        for wrong in ["", "0", &text[1..], &text.replacen(char::is_alphanumeric, "g", 1), &format!("{}é", &text[2..])] {
            assert_eq!(object_id_of_text(wrong), None, "{wrong}");
        }
    }
}
