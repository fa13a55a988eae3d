import { checks, equal, throws } from "../../check.js";

const decode = (...bytes) => new TextDecoder().decode(new Uint8Array(bytes));

export default checks({
  "one to four bytes a code point": () => {
    equal(decode(0x61, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x90, 0x8c), "a\u00e9\u20ac\u{1F40C}");
  },
  "one U+FFFD for each broken sequence": () => {
    equal(decode(0x61, 0xff, 0x62), "a\ufffdb");
    equal(decode(0xf0, 0x9f, 0x90, 0x41), "\ufffdA");
    equal(decode(0xed, 0xa0, 0x80), "\ufffd\ufffd\ufffd");
    equal(decode(0xc0, 0xaf), "\ufffd\ufffd");
    equal(decode(0xe2, 0x82), "\ufffd");
  },
  "it takes buffers and any view of them": async () => {
    const { buffer } = new Uint8Array([0x61, 0x62, 0x63, 0x64]);
    equal(new TextDecoder().decode(buffer), "abcd");
    equal(new TextDecoder().decode(new DataView(buffer, 1, 2)), "bc");
    equal(new TextDecoder().decode(), "");
    await throws(() => new TextDecoder().decode("abc"), "TypeError");
  },
});
