use std::borrow::Cow;
use std::cell::RefCell;

use deno_core::convert::Uint8Array;
use deno_core::error::ResourceError;
use deno_core::{OpState, Resource, ResourceId, op2};
use sha2::Digest;
use sha2::digest::DynDigest;
use subtle::ConstantTimeEq;

/// A hash under way, behind `crypto.DigestStream`.
struct Hasher(RefCell<Box<dyn DynDigest>>);

impl Resource for Hasher {
    fn name(&self) -> Cow<'_, str> {
        "digest".into()
    }
}

/// Starts a hash; 0 where the algorithm is not known.
#[op2(fast)]
#[smi]
pub fn op_digest_new(state: &mut OpState, #[string] algorithm: &str) -> ResourceId {
    let hasher: Box<dyn DynDigest> = match algorithm {
        "MD5" => Box::new(md5::Md5::new()),
        "SHA-1" => Box::new(sha1::Sha1::new()),
        "SHA-256" => Box::new(sha2::Sha256::new()),
        "SHA-384" => Box::new(sha2::Sha384::new()),
        "SHA-512" => Box::new(sha2::Sha512::new()),
        _ => return 0,
    };
    // Resource ids start at 0, which stands for "not known" here.
    let rid = state.resource_table.add(Hasher(RefCell::new(hasher)));
    rid + 1
}

#[op2(fast)]
pub fn op_digest_update(state: &mut OpState, #[smi] hasher: ResourceId, #[buffer] bytes: &[u8]) -> Result<(), ResourceError> {
    state.resource_table.get::<Hasher>(hasher - 1)?.0.borrow_mut().update(bytes);
    Ok(())
}

#[op2]
pub fn op_digest_finish(state: &mut OpState, #[smi] hasher: ResourceId) -> Result<Uint8Array, ResourceError> {
    let hasher = state.resource_table.take::<Hasher>(hasher - 1)?;
    let hash = hasher.0.borrow_mut().finalize_reset();
    Ok(hash.into_vec().into())
}

#[op2(fast)]
pub fn op_timing_safe_equal(#[buffer] a: &[u8], #[buffer] b: &[u8]) -> bool {
    a.ct_eq(b).into()
}
