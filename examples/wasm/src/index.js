// A WebAssembly module (crc32.wat) with memory of its own: answers the CRC-32 of what is posted, chunk by chunk as it arrives.
// Try: curl --data-binary @some-file http://127.0.0.1:8787/

import crc32 from "./crc32.wasm";

const { memory, update } = new WebAssembly.Instance(crc32).exports;
const PAGE_BYTES = 65536;
const page = new Uint8Array(memory.buffer, 0, PAGE_BYTES);

/** The checksum after more bytes. All of it runs at once, so that requests do not get in each other's way in the memory. */
function add(crc, bytes) {
  for (let at = 0; at < bytes.length; at += PAGE_BYTES) {
    const part = bytes.subarray(at, at + PAGE_BYTES);
    page.set(part);
    crc = update(crc, part.length);
  }
  return crc;
}

export default {
  async fetch(request) {
    if (request.method !== "POST" && request.method !== "PUT") {
      return new Response("POST something to get its CRC-32\n", { status: 405, headers: { Allow: "POST, PUT" } });
    }
    let crc = 0;
    let length = 0;
    for await (const chunk of request.body ?? []) {
      crc = add(crc, chunk);
      length += chunk.length;
    }
    return Response.json({ crc32: (crc >>> 0).toString(16).padStart(8, "0"), length });
  },
};
