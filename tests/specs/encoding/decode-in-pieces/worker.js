import { checks, equal } from "../../check.js";

export default checks({
  "byte by byte": () => {
    const decoder = new TextDecoder();
    const pieces = [0x61, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x90, 0x8c].map((byte) => decoder.decode(new Uint8Array([byte]), { stream: true }));
    equal(pieces, ["a", "", "", "\u20ac", "", "", "", "\u{1F40C}"]);
    equal(decoder.decode(), "");
  },
  "the last call gives what never came whole, and starts anew": () => {
    const decoder = new TextDecoder();
    equal(decoder.decode(new Uint8Array([0x61, 0xf0, 0x9f]), { stream: true }), "a");
    equal(decoder.decode(), "\ufffd");
    equal(decoder.decode(new Uint8Array([0x62])), "b");
  },
  "a sequence that the next piece breaks": () => {
    const decoder = new TextDecoder();
    equal(decoder.decode(new Uint8Array([0xe2, 0x82]), { stream: true }), "");
    equal(decoder.decode(new Uint8Array([0x41]), { stream: true }), "\ufffdA");
  },
  "of two bytes": () => {
    const decoder = new TextDecoder("shift_jis");
    equal(decoder.decode(new Uint8Array([0x93]), { stream: true }), "");
    equal(decoder.decode(new Uint8Array([0xfa])), "\u65e5");
  },
});
