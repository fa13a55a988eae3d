use std::borrow::Cow;
use std::cell::RefCell;

use deno_core::convert::Uint8Array;
use deno_core::error::ResourceError;
use deno_core::{OpState, Resource, ResourceId, op2};
use deno_error::JsErrorBox;
use flate2::{Decompress, FlushDecompress, Status};

/// Room that is made for output at a time.
const OUTPUT_STEP: usize = 16 * 1024;

/// A `deflate` or `deflate-raw` stream under way, behind `DecompressionStream`.
struct Inflater(RefCell<Inflate>);

struct Inflate {
    decompress: Decompress,
    ended: bool,
}

impl Resource for Inflater {
    fn name(&self) -> Cow<'_, str> {
        "inflater".into()
    }
}

impl Inflate {
    fn write(&mut self, mut input: &[u8]) -> Result<Vec<u8>, JsErrorBox> {
        let mut output = Vec::new();
        while !self.ended {
            output.reserve(OUTPUT_STEP);
            let (taken, made) = (self.decompress.total_in(), self.decompress.total_out());
            let status = self
                .decompress
                .decompress_vec(input, &mut output, FlushDecompress::None)
                .map_err(|error| JsErrorBox::type_error(format!("The compressed data is broken: {error}")))?;
            let taken = (self.decompress.total_in() - taken) as usize;
            input = input.get(taken..).unwrap_or_default();
            self.ended = status == Status::StreamEnd;
            if taken == 0 && self.decompress.total_out() == made {
                break;
            }
        }
        if self.ended && !input.is_empty() {
            return Err(JsErrorBox::type_error("There is something after the end of the compressed data"));
        }
        Ok(output)
    }
}

#[op2(fast)]
#[smi]
pub fn op_inflate_new(state: &mut OpState, zlib_header: bool) -> ResourceId {
    state.resource_table.add(Inflater(RefCell::new(Inflate { decompress: Decompress::new(zlib_header), ended: false })))
}

#[op2]
pub fn op_inflate_write(
    state: &mut OpState,
    #[smi] rid: ResourceId,
    #[anybuffer] input: &[u8],
) -> Result<Uint8Array, JsErrorBox> {
    let inflater = state.resource_table.get::<Inflater>(rid).map_err(JsErrorBox::from_err)?;
    let output = inflater.0.borrow_mut().write(input)?;
    Ok(output.into())
}

/// Gives the stream up. Says whether it had come to its end.
#[op2(fast)]
pub fn op_inflate_finish(state: &mut OpState, #[smi] rid: ResourceId) -> Result<bool, ResourceError> {
    Ok(state.resource_table.take::<Inflater>(rid)?.0.borrow().ended)
}
