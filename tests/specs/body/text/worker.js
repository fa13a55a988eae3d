import { checks, equal } from "../../check.js";

const bytes = (...values) => new Response(new Uint8Array(values));

const inside = checks({
  "UTF-8": async () => equal(await bytes(0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80).text(), "€😀"),
  "a byte order mark is dropped once": async () => equal(await bytes(0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf, 0x61).text(), "\ufeffa"),
  "broken bytes are replaced": async () => equal(await bytes(0x61, 0xff, 0x62, 0xe2, 0x82).text(), "a\ufffdb\ufffd"),
  "the charset of the content type does not count": async () => {
    const response = new Response(new Uint8Array([0xc3, 0xa9]), { headers: { "content-type": "text/plain;charset=iso-8859-1" } });
    equal(await response.text(), "é");
  },
});

export default {
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname !== "/echo") return inside.fetch(request, env, ctx);
    const text = await request.text();
    return new Response(`${text.length} ${text}`);
  },
};
