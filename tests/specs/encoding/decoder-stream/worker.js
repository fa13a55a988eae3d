import { checks, equal, throws } from "../../check.js";

const decode = (chunks, ...args) => Array.fromAsync(ReadableStream.from(chunks).pipeThrough(new TextDecoderStream(...args)));
const bytes = (...values) => new Uint8Array(values);

export default checks({
  "a code point over three chunks; nothing empty is passed on": async () => {
    equal(await decode([bytes(0x61, 0xf0), bytes(0x9f), bytes(0x90, 0x8c, 0x62)]), ["a", "\u{1F40C}b"]);
  },
  "what is incomplete at the end is U+FFFD": async () => {
    equal(await decode([bytes(0x61), bytes(0xe2, 0x82)]), ["a", "\ufffd"]);
  },
  "a fatal one fails, at the end as well": async () => {
    await throws(() => decode([bytes(0xff)], "utf-8", { fatal: true }), "TypeError");
    await throws(() => decode([bytes(0xe2)], "utf-8", { fatal: true }), "TypeError");
  },
  "its label and options show": async () => {
    const stream = new TextDecoderStream("utf-16", { fatal: true, ignoreBOM: true });
    equal([stream.encoding, stream.fatal, stream.ignoreBOM], ["utf-16le", true, true]);
    equal(await decode([bytes(0x61), bytes(0x00)], "utf-16le"), ["a"]);
    await throws(() => new TextDecoderStream("no such"), "RangeError");
  },
  "chunks that are not bytes fail it": async () => {
    await throws(() => decode(["text"]), "TypeError");
  },
});
