import { checks, equal } from "../../check.js";

const marked = new Uint8Array([0xef, 0xbb, 0xbf, 0x61]);

export default checks({
  "it is dropped": () => {
    equal(new TextDecoder().ignoreBOM, false);
    equal(new TextDecoder().decode(marked), "a");
    equal(new TextDecoder("utf-16le").decode(new Uint8Array([0xff, 0xfe, 0x61, 0x00])), "a");
  },
  "ignoreBOM keeps it": () => {
    equal(new TextDecoder("utf-8", { ignoreBOM: true }).decode(marked), "\ufeffa");
  },
  "only the first one is a mark": () => {
    equal(new TextDecoder().decode(new Uint8Array([...marked, ...marked])), "a\ufeffa");
  },
  "in pieces, and again for the next text": () => {
    const decoder = new TextDecoder();
    for (let round = 0; round < 2; round++) {
      const text = decoder.decode(marked.subarray(0, 2), { stream: true }) + decoder.decode(marked.subarray(2));
      equal(text, "a");
    }
  },
});
