import { checks, equal } from "../../check.js";

const decode = (label, ...bytes) => new TextDecoder(label).decode(new Uint8Array(bytes));

export default checks({
  "little endian; utf-16 means that too": () => {
    equal(decode("utf-16le", 0x61, 0x00, 0xac, 0x20), "a\u20ac");
    equal(decode("utf-16", 0x61, 0x00), "a");
    equal(new TextDecoder("utf-16").encoding, "utf-16le");
  },
  "big endian": () => {
    equal(decode("utf-16be", 0x00, 0x61, 0x20, 0xac), "a\u20ac");
  },
  "surrogate pairs; halves and an odd byte become U+FFFD": () => {
    equal(decode("utf-16le", 0x3d, 0xd8, 0x0c, 0xdc), "\u{1F40C}");
    equal(decode("utf-16le", 0x3d, 0xd8, 0x61, 0x00), "\ufffda");
    equal(decode("utf-16le", 0x61, 0x00, 0x62), "a\ufffd");
  },
  "a pair split over pieces": () => {
    const decoder = new TextDecoder("utf-16le");
    let text = "";
    for (const byte of [0x3d, 0xd8, 0x0c, 0xdc]) text += decoder.decode(new Uint8Array([byte]), { stream: true });
    equal(text + decoder.decode(), "\u{1F40C}");
  },
});
