import { checks, equal } from "../../check.js";

const encode = (text) => [...new TextEncoder().encode(text)];

export default checks({
  "one to four bytes a code point": () => {
    equal(encode("a\u00e9\u20ac\u{1F40C}"), [0x61, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x90, 0x8c]);
  },
  "half of a surrogate pair becomes U+FFFD": () => {
    equal(encode("\ud800a"), [0xef, 0xbf, 0xbd, 0x61]);
    equal(encode("\udc00\ud800"), [0xef, 0xbf, 0xbd, 0xef, 0xbf, 0xbd]);
  },
  "anything is made a string, nothing is the empty one": () => {
    equal(encode(12), [0x31, 0x32]);
    equal(encode(undefined), []);
    equal(new TextEncoder().encode() instanceof Uint8Array, true);
    equal(new TextEncoder().encoding, "utf-8");
  },
});
