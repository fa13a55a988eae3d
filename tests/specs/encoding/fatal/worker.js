import { checks, equal, throws } from "../../check.js";

const bytes = (...values) => new Uint8Array(values);

export default checks({
  "a TypeError at a broken byte and at an end in the middle": async () => {
    const decoder = new TextDecoder("utf-8", { fatal: true });
    equal(decoder.fatal, true);
    await throws(() => decoder.decode(bytes(0x61, 0xff)), "TypeError");
    await throws(() => decoder.decode(bytes(0xe2, 0x82)), "TypeError");
  },
  "the decoder is fit for use afterwards": async () => {
    const decoder = new TextDecoder("utf-8", { fatal: true });
    await throws(() => decoder.decode(bytes(0xff)), "TypeError");
    equal(decoder.decode(bytes(0xc3, 0xa9)), "\u00e9");
  },
  "an incomplete piece is fine while streaming, but not at the end": async () => {
    const decoder = new TextDecoder("utf-8", { fatal: true });
    equal(decoder.decode(bytes(0xe2, 0x82), { stream: true }), "");
    await throws(() => decoder.decode(), "TypeError");
  },
  "in UTF-16 half a pair is broken": async () => {
    await throws(() => new TextDecoder("utf-16le", { fatal: true }).decode(bytes(0x00, 0xd8, 0x61, 0x00)), "TypeError");
  },
});
