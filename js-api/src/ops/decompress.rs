use std::borrow::Cow;
use std::cell::RefCell;
use std::io::Write;

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use deno_core::convert::Uint8Array;
use deno_core::error::ResourceError;
use deno_core::{OpState, Resource, ResourceId, op2};
use deno_error::JsErrorBox;
use flate2::write::GzDecoder;
use flate2::{Decompress, FlushDecompress, Status};

/// The output of one call. Between calls the limits of the isolate apply, and the stream's reader sets the pace.
const OUTPUT_MAX: usize = 1024 * 1024;

/// Room that is made for output at a time.
const OUTPUT_STEP: usize = 64 * 1024;

/// Compressed data under way, behind `DecompressionStream`.
struct Decompressor(RefCell<Decompression>);

struct Decompression {
    decoder: Decoder,
    input: Vec<u8>,
    taken: usize,
    ended: bool,
}

enum Decoder {
    Deflate(Decompress),
    Gzip(GzDecoder<Vec<u8>>),
    Brotli(Box<BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>>),
}

/// What a decoder has done.
struct Step {
    taken: usize,
    ended: bool,
}

impl Resource for Decompressor {
    fn name(&self) -> Cow<'_, str> {
        "decompressor".into()
    }
}

impl Decoder {
    fn new(format: &str) -> Option<Self> {
        Some(match format {
            "brotli" => {
                let alloc = StandardAlloc::default;
                Self::Brotli(Box::new(BrotliState::new(alloc(), alloc(), alloc())))
            }
            "deflate" => Self::Deflate(Decompress::new(true)),
            "deflate-raw" => Self::Deflate(Decompress::new(false)),
            "gzip" => Self::Gzip(GzDecoder::new(Vec::new())),
            _ => return None,
        })
    }

    /// Goes on with what is left of the input. Appends no more to the output than the room that is there or made.
    fn step(&mut self, input: &[u8], output: &mut Vec<u8>) -> Result<Step, JsErrorBox> {
        match self {
            Self::Deflate(decoder) => {
                output.reserve(OUTPUT_STEP);
                let taken = decoder.total_in();
                let status = decoder.decompress_vec(input, output, FlushDecompress::None).map_err(broken)?;
                Ok(Step { taken: (decoder.total_in() - taken) as usize, ended: status == Status::StreamEnd })
            }
            Self::Gzip(decoder) => {
                let taken = decoder.write(input).map_err(broken)?;
                if taken == input.len() {
                    decoder.flush().map_err(broken)?;
                }
                let made = decoder.get_mut();
                // It takes nothing more behind its trailer.
                let ended = taken == 0 && !input.is_empty() && made.is_empty();
                output.append(made);
                Ok(Step { taken, ended })
            }
            Self::Brotli(state) => {
                let (mut available_in, mut taken) = (input.len(), 0);
                let (mut available_out, mut made) = (OUTPUT_STEP, 0);
                let start = output.len();
                output.resize(start + OUTPUT_STEP, 0);
                let result = BrotliDecompressStream(
                    &mut available_in,
                    &mut taken,
                    input,
                    &mut available_out,
                    &mut made,
                    output.get_mut(start..).unwrap_or_default(),
                    &mut 0,
                    state,
                );
                output.truncate(start + made);
                match result {
                    BrotliResult::ResultFailure => Err(broken("it is not brotli")),
                    BrotliResult::ResultSuccess => Ok(Step { taken, ended: true }),
                    BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => Ok(Step { taken, ended: false }),
                }
            }
        }
    }
}

fn broken(error: impl std::fmt::Display) -> JsErrorBox {
    JsErrorBox::type_error(format!("The compressed data is broken: {error}"))
}

impl Decompression {
    /// The next output; none where more input is needed.
    fn read(&mut self) -> Result<Vec<u8>, JsErrorBox> {
        let mut output = Vec::new();
        while !self.ended && output.len() < OUTPUT_MAX {
            let made = output.len();
            let step = self.decoder.step(self.input.get(self.taken..).unwrap_or_default(), &mut output)?;
            self.taken += step.taken;
            self.ended = step.ended;
            if step.taken == 0 && output.len() == made {
                break;
            }
        }
        if self.ended && self.taken < self.input.len() {
            return Err(JsErrorBox::type_error("There is something after the end of the compressed data"));
        }
        Ok(output)
    }

    fn is_whole(&mut self) -> bool {
        match &mut self.decoder {
            Decoder::Gzip(decoder) => decoder.try_finish().is_ok(),
            Decoder::Deflate(_) | Decoder::Brotli(_) => self.ended,
        }
    }
}

#[op2(fast)]
#[smi]
pub fn op_decompress_new(state: &mut OpState, #[string] format: &str) -> Result<ResourceId, JsErrorBox> {
    let decoder = Decoder::new(format).ok_or_else(|| JsErrorBox::type_error("There is no such compression format"))?;
    let decompression = Decompression { decoder, input: Vec::new(), taken: 0, ended: false };
    Ok(state.resource_table.add(Decompressor(RefCell::new(decompression))))
}

/// Gives input, when all that was given before has been taken.
#[op2]
pub fn op_decompress_feed(state: &mut OpState, #[smi] rid: ResourceId, #[anybuffer] input: &[u8]) -> Result<(), ResourceError> {
    let decompressor = state.resource_table.get::<Decompressor>(rid)?;
    let mut decompression = decompressor.0.borrow_mut();
    decompression.input = input.to_vec();
    decompression.taken = 0;
    Ok(())
}

#[op2]
pub fn op_decompress_read(state: &mut OpState, #[smi] rid: ResourceId) -> Result<Uint8Array, JsErrorBox> {
    let decompressor = state.resource_table.get::<Decompressor>(rid).map_err(JsErrorBox::from_err)?;
    let output = decompressor.0.borrow_mut().read()?;
    Ok(output.into())
}

/// Gives the data up. Says whether it had come to its end.
#[op2(fast)]
pub fn op_decompress_finish(state: &mut OpState, #[smi] rid: ResourceId) -> Result<bool, ResourceError> {
    Ok(state.resource_table.take::<Decompressor>(rid)?.0.borrow_mut().is_whole())
}
