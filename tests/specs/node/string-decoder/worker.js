import { StringDecoder } from "node:string_decoder";
import { assert, checks, equal, throws } from "../../check.js";

export default checks({
  "pieces": () => {
    const decoder = new StringDecoder("utf8");
    const bytes = Buffer.from("\u20ac\u{1f600}");
    let text = "";
    for (const byte of bytes) text += decoder.write(Buffer.from([byte]));
    equal(text + decoder.end(), "\u20ac\u{1f600}");
  },
  "one that is cut off": () => {
    const decoder = new StringDecoder("utf8");
    equal(decoder.write(Buffer.from([0xe2, 0x82])) + decoder.end(), "\ufffd");
    const wide = new StringDecoder("utf16le");
    equal(wide.write(Buffer.from([0x61])) + wide.write(Buffer.from([0])), "a");
    const base = new StringDecoder("base64");
    equal(base.write(Buffer.from("ab")) + base.write(Buffer.from("cd")) + base.end(), "YWJjZA==");
  },
});
