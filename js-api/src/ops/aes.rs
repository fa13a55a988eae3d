//! What `deno_crypto` lacks of AES: AES-CTR whose counter has any number of bits (NIST SP 800-38A), and AES-GCM with nonces of any
//! length and all tags that WebCrypto allows (NIST SP 800-38D).

use aes::cipher::consts::U16;
use aes::cipher::{BlockCipher, BlockEncrypt, BlockSizeUser, InnerIvInit, KeyInit, StreamCipherCore};
use aes::{Aes128, Aes192, Aes256};
use ctr::CtrCore;
use ctr::flavors::{Ctr32BE, Ctr128BE};
use deno_core::convert::Uint8Array;
use deno_core::op2;
use ghash::GHash;
use ghash::universal_hash::UniversalHash;
use subtle::ConstantTimeEq;

const BLOCK: usize = 16;
type Block = [u8; BLOCK];

#[derive(Debug, PartialEq, Eq, thiserror::Error, deno_error::JsError)]
#[class("DOMExceptionOperationError")]
pub enum AesError {
    #[error("an AES key has 16, 24 or 32 bytes")]
    Key,
    #[error("AES-CTR needs a counter of 16 bytes, and a length of 1 to 128 bits")]
    Counter,
    #[error("the data is longer than the counter can count: key stream would be used twice")]
    CounterTooShort,
    #[error("AES-GCM needs a nonce that is not empty")]
    Nonce,
    #[error("AES-GCM has tags of 32, 64, 96, 104, 112, 120 and 128 bits")]
    TagLength,
    #[error("the data is shorter than its tag")]
    TooShort,
    #[error("the tag does not fit the data")]
    Forged,
}

/// A block cipher that both modes can be built on.
trait Aes: BlockCipher + BlockEncrypt + BlockSizeUser<BlockSize = U16> {}
impl<C: BlockCipher + BlockEncrypt + BlockSizeUser<BlockSize = U16>> Aes for C {}

/// Calls a generic function with the cipher that a key is for.
macro_rules! with_cipher {
    ($key:expr, $function:ident($($argument:expr),*)) => {
        match $key.len() {
            16 => $function(&Aes128::new_from_slice($key).map_err(|_| AesError::Key)?, $($argument),*),
            24 => $function(&Aes192::new_from_slice($key).map_err(|_| AesError::Key)?, $($argument),*),
            32 => $function(&Aes256::new_from_slice($key).map_err(|_| AesError::Key)?, $($argument),*),
            _ => Err(AesError::Key),
        }
    };
}

/// Encrypts and decrypts: the mode is its own inverse.
#[op2]
pub fn op_aes_ctr(
    #[buffer] key: &[u8],
    #[anybuffer] counter: &[u8],
    #[smi] length: u32,
    #[anybuffer] data: &[u8],
) -> Result<Uint8Array, AesError> {
    let counter = Block::try_from(counter).map_err(|_| AesError::Counter)?;
    with_cipher!(key, apply_ctr(counter, length, data.to_vec())).map(Into::into)
}

#[op2]
pub fn op_aes_gcm_seal(
    #[buffer] key: &[u8],
    #[anybuffer] nonce: &[u8],
    #[anybuffer] additional_data: &[u8],
    #[smi] tag_length: u32,
    #[anybuffer] data: &[u8],
) -> Result<Uint8Array, AesError> {
    let tag_bytes = tag_bytes(tag_length)?;
    with_cipher!(key, seal(nonce, additional_data, tag_bytes, data.to_vec())).map(Into::into)
}

#[op2]
pub fn op_aes_gcm_open(
    #[buffer] key: &[u8],
    #[anybuffer] nonce: &[u8],
    #[anybuffer] additional_data: &[u8],
    #[smi] tag_length: u32,
    #[anybuffer] sealed: &[u8],
) -> Result<Uint8Array, AesError> {
    let tag_bytes = tag_bytes(tag_length)?;
    with_cipher!(key, open(nonce, additional_data, tag_bytes, sealed)).map(Into::into)
}

fn tag_bytes(bits: u32) -> Result<usize, AesError> {
    match bits {
        32 | 64 | 96 | 104 | 112 | 120 | 128 => Ok(bits as usize / 8),
        _ => Err(AesError::TagLength),
    }
}

/// A counter of 128 bits counts like one of `length` bits up to where the latter starts over: there the data is cut.
fn apply_ctr<C: Aes>(cipher: &C, counter: Block, length: u32, mut data: Vec<u8>) -> Result<Vec<u8>, AesError> {
    if !(1..=128).contains(&length) {
        return Err(AesError::Counter);
    }
    let counting_bits = u128::MAX >> (128 - length);
    let start = u128::from_be_bytes(counter);
    let blocks_after_first = data.len().div_ceil(BLOCK).saturating_sub(1) as u128;
    if blocks_after_first > counting_bits {
        return Err(AesError::CounterTooShort);
    }
    let until_over = counting_bits - (start & counting_bits);
    let cut = if blocks_after_first <= until_over { data.len() } else { (until_over as usize + 1) * BLOCK };
    let (before, after) = data.split_at_mut(cut);
    let start_over = (start & !counting_bits).to_be_bytes();
    CtrCore::<&C, Ctr128BE>::inner_iv_init(cipher, &counter.into()).apply_keystream_partial(before.into());
    CtrCore::<&C, Ctr128BE>::inner_iv_init(cipher, &start_over.into()).apply_keystream_partial(after.into());
    Ok(data)
}

fn seal<C: Aes>(
    cipher: &C,
    nonce: &[u8],
    additional_data: &[u8],
    tag_bytes: usize,
    mut data: Vec<u8>,
) -> Result<Vec<u8>, AesError> {
    let (keystream, tagger) = gcm(cipher, nonce)?;
    keystream.apply_keystream_partial(data.as_mut_slice().into());
    let tag = tagger.tag(additional_data, &data);
    data.extend(tag.iter().take(tag_bytes));
    Ok(data)
}

fn open<C: Aes>(cipher: &C, nonce: &[u8], additional_data: &[u8], tag_bytes: usize, sealed: &[u8]) -> Result<Vec<u8>, AesError> {
    let (keystream, tagger) = gcm(cipher, nonce)?;
    let cut = sealed.len().checked_sub(tag_bytes).ok_or(AesError::TooShort)?;
    let (data, given) = sealed.split_at(cut);
    let tag = tagger.tag(additional_data, data);
    let fits = tag.get(..tag_bytes).is_some_and(|tag| bool::from(tag.ct_eq(given)));
    if !fits {
        return Err(AesError::Forged);
    }
    let mut data = data.to_vec();
    keystream.apply_keystream_partial(data.as_mut_slice().into());
    Ok(data)
}

/// Makes the tags of AES-GCM for one nonce.
struct Tagger {
    hash: GHash,
    mask: u128,
}

/// The two halves of AES-GCM for one nonce. The first block of key stream is the mask of the tag, the others are for the data.
fn gcm<'c, C: Aes>(cipher: &'c C, nonce: &[u8]) -> Result<(CtrCore<&'c C, Ctr32BE>, Tagger), AesError> {
    if nonce.is_empty() {
        return Err(AesError::Nonce);
    }
    let mut hash_key = ghash::Key::default();
    cipher.encrypt_block(&mut hash_key);
    let hash = GHash::new(&hash_key);
    let first_counter = if let Ok(nonce) = <[u8; 12]>::try_from(nonce) {
        let mut counter = [0; BLOCK];
        counter[..12].copy_from_slice(&nonce);
        counter[BLOCK - 1] = 1;
        counter
    } else {
        hashed(hash.clone(), &[], nonce)
    };
    let mut keystream = CtrCore::inner_iv_init(cipher, &first_counter.into());
    let mut mask = Block::default().into();
    keystream.write_keystream_block(&mut mask);
    Ok((keystream, Tagger { hash, mask: u128::from_be_bytes(mask.into()) }))
}

impl Tagger {
    fn tag(&self, additional_data: &[u8], sealed: &[u8]) -> Block {
        let hash = hashed(self.hash.clone(), additional_data, sealed);
        (u128::from_be_bytes(hash) ^ self.mask).to_be_bytes()
    }
}

/// GHASH of both, each padded to whole blocks, and of their lengths in bits.
fn hashed(mut hash: GHash, additional_data: &[u8], data: &[u8]) -> Block {
    hash.update_padded(additional_data);
    hash.update_padded(data);
    let bits = |bytes: &[u8]| bytes.len() as u128 * 8;
    let lengths = (bits(additional_data) << 64) | bits(data);
    hash.update(&[lengths.to_be_bytes().into()]);
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap_or_default()).collect()
    }

    // McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 4 to 6.
    const KEY: &str = "feffe9928665731c6d6a8f9467308308";
    const ADDITIONAL: &str = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
    const PLAIN: &str = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
    const CASES: [(&str, &str); 3] = [
        (
            "cafebabefacedbaddecaf888",
            "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47",
        ),
        (
            "cafebabefacedbad",
            "61353b4c2806934a777ff51fa22a4755699b2a714fcdc6f83766e5f97b6c742373806900e49f24b22b097544d4896b424989b5e1ebac0f07c23f45983612d2e79e3b0785561be14aaca2fccb",
        ),
        (
            "9313225df88406e555909c5aff5269aa6a7a9538534f7da1e4c303d2a318a728c3c0c95156809539fcf0e2429a6b525416aedbf5a0de6a57a637b39b",
            "8ce24998625615b603a033aca13fb894be9112a5c3a211a8ba262a3cca7e2ca701e4a9a4fba43c90ccdcb281d48c7c6fd62875d2aca417034c34aee5619cc5aefffe0bfa462af43c1699d050",
        ),
    ];

    #[test]
    fn seals_and_opens_what_the_authors_of_the_mode_give() -> Result<(), AesError> {
        let (key, additional) = (bytes(KEY), bytes(ADDITIONAL));
        for (nonce, sealed) in CASES {
            let (nonce, sealed) = (bytes(nonce), bytes(sealed));
            let cipher = || Aes128::new_from_slice(&key).map_err(|_| AesError::Key);
            assert_eq!(seal(&cipher()?, &nonce, &additional, 16, bytes(PLAIN))?, sealed);
            for tag_bytes in [16, 12, 4] {
                let cut = &sealed[..sealed.len() - 16 + tag_bytes];
                assert_eq!(open(&cipher()?, &nonce, &additional, tag_bytes, cut)?, bytes(PLAIN));
                assert_eq!(open(&cipher()?, &nonce, &[], tag_bytes, cut), Err(AesError::Forged));
            }
        }
        Ok(())
    }

    #[test]
    fn counters_start_over() -> Result<(), AesError> {
        let cipher = Aes128::new_from_slice(&[3; 16]).map_err(|_| AesError::Key)?;
        let stream = |counter: Block, length, blocks| apply_ctr(&cipher, counter, length, vec![0; blocks * BLOCK]);
        for length in [1, 8, 12, 127, 128] {
            let over = u128::MAX >> (128 - length);
            let first = stream(over.to_be_bytes(), length, 2)?;
            assert_eq!(first[BLOCK..], stream([0; BLOCK], length, 1)?, "{length}");
        }
        assert_eq!(stream([0; BLOCK], 1, 3), Err(AesError::CounterTooShort));
        assert_eq!(stream([0; BLOCK], 0, 1), Err(AesError::Counter));
        assert_eq!(stream([0; BLOCK], 129, 1), Err(AesError::Counter));
        Ok(())
    }
}
