import { checks, equal } from "../../check.js";

async function encode(...chunks) {
  const encoded = await Array.fromAsync(ReadableStream.from(chunks).pipeThrough(new TextEncoderStream()));
  return encoded.map((chunk) => [...chunk]);
}

export default checks({
  "a pair over two chunks is one code point": async () => {
    equal(await encode("a\ud83d", "\udc0cb"), [[0x61], [0xf0, 0x9f, 0x90, 0x8c, 0x62]]);
  },
  "a half that stays alone is U+FFFD": async () => {
    equal(await encode("\ud83d", "a"), [[0xef, 0xbf, 0xbd, 0x61]]);
    equal(await encode("a", "\ud83d"), [[0x61], [0xef, 0xbf, 0xbd]]);
    equal(await encode("\udc0c"), [[0xef, 0xbf, 0xbd]]);
  },
  "anything is made a string; nothing empty is passed on": async () => {
    equal(await encode(12, "", true), [[0x31, 0x32], [0x74, 0x72, 0x75, 0x65]]);
    equal(new TextEncoderStream().encoding, "utf-8");
  },
});
