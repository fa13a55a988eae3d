import { checks, equal } from "../../check.js";

export default checks({
  "a view": async () => {
    const bytes = new Uint8Array([97, 98]);
    const response = new Response(bytes);
    bytes[0] = 120;
    equal(await response.text(), "ab");
  },
  "an ArrayBuffer": async () => {
    const bytes = new Uint8Array([97, 98]);
    const response = new Response(bytes.buffer);
    bytes.fill(0);
    equal(await response.text(), "ab");
    equal(bytes.buffer.byteLength, 2);
  },
});
