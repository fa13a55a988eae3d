// Modes of AES by means of those that deno_crypto has: AES-CTR with counters of any length from AES-CTR with counters of 128 bits,
// and AES-GCM opened with short tags from AES-GCM sealed with whole ones.

import { core, primordials } from "ext:core/mod.js";
import { op_timing_safe_equal } from "ext:core/ops";

const {
  BigInt,
  MathCeil,
  Number,
  SafePromiseAll,
  SafeSet,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeSet,
  TypedArrayPrototypeSlice,
  TypedArrayPrototypeSubarray,
  Uint8Array,
} = primordials;

const { DOMException } = core.loadExtScript("ext:deno_web/01_dom_exception.js");

const BLOCK = 16;
const WHOLE_TAG = 128;
const SHORT_TAGS = new SafeSet([32, 64, 96, 104, 112, 120]);

/**
 * A counter of 128 bits counts like one of `length` bits up to where the latter starts over: there the data is cut.
 * @param {(counter: Uint8Array, data: Uint8Array) => Promise<ArrayBuffer>} apply AES-CTR with a counter of 128 bits
 */
async function applyCtr(apply, counter, length, data) {
  if (TypedArrayPrototypeGetByteLength(counter) !== BLOCK || length === 0 || length > 128) {
    throw new DOMException("AES-CTR needs a counter of 16 bytes, and a length of 1 to 128 bits", "OperationError");
  }
  const counts = 1n << BigInt(length);
  let start = 0n;
  for (let i = 0; i < BLOCK; i++) {
    start = (start << 8n) | BigInt(counter[i]);
  }
  const blocks = BigInt(MathCeil(TypedArrayPrototypeGetByteLength(data) / BLOCK));
  const untilOver = counts - (start & (counts - 1n));
  if (blocks > counts) {
    throw new DOMException(`A counter of ${length} bits would give key stream twice`, "OperationError");
  }
  if (blocks <= untilOver) {
    return await apply(counter, data);
  }
  const cut = Number(untilOver) * BLOCK;
  const parts = await SafePromiseAll([
    apply(counter, TypedArrayPrototypeSubarray(data, 0, cut)),
    apply(withLowBitsCleared(counter, length), TypedArrayPrototypeSubarray(data, cut)),
  ]);
  const whole = new Uint8Array(TypedArrayPrototypeGetByteLength(data));
  TypedArrayPrototypeSet(whole, new Uint8Array(parts[0]), 0);
  TypedArrayPrototypeSet(whole, new Uint8Array(parts[1]), cut);
  return TypedArrayPrototypeGetBuffer(whole);
}

function withLowBitsCleared(block, bits) {
  const cleared = TypedArrayPrototypeSlice(block);
  for (let i = BLOCK - 1; bits > 0; i--) {
    cleared[i] = bits >= 8 ? 0 : cleared[i] & (0xff << bits);
    bits -= 8;
  }
  return cleared;
}

/**
 * What was sealed is found by sealing again: the cipher is its own inverse, and gives the tag that there must be.
 * @param {(data: Uint8Array) => Promise<ArrayBuffer>} seal AES-GCM with a whole tag
 */
async function openWithShortTag(seal, tagLength, sealed) {
  const length = TypedArrayPrototypeGetByteLength(sealed);
  const cut = length - tagLength / 8;
  if (!SHORT_TAGS.has(tagLength) || cut < 0) {
    throw new DOMException("The data is shorter than its tag, or no tag has that length", "OperationError");
  }
  const turned = new Uint8Array(await seal(TypedArrayPrototypeSubarray(sealed, 0, cut)));
  const opened = TypedArrayPrototypeSlice(turned, 0, cut);
  const resealed = new Uint8Array(await seal(opened));
  if (!op_timing_safe_equal(TypedArrayPrototypeSubarray(resealed, 0, length), sealed)) {
    throw new DOMException("The tag does not fit the data", "OperationError");
  }
  return TypedArrayPrototypeGetBuffer(opened);
}

export { applyCtr, openWithShortTag, WHOLE_TAG };
