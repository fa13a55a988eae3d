import { checks, equal } from "../../check.js";

const megabyte = () => {
  const bytes = new Uint8Array(1048576);
  for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 31 + (i >> 8)) & 255;
  return bytes;
};
const differs = (a, b) => a.length !== b.length || a.findIndex((byte, i) => byte !== b[i]) !== -1;

const exchange = async (request, path, body) => {
  const response = await fetch(request.url + path, { method: "POST", body });
  return new Uint8Array(await response.arrayBuffer());
};

const all = checks({
  "as bytes": async (request) => equal(differs(await exchange(request, "read", megabyte()), megabyte()), false),
  "as a stream": async (request) => {
    const stream = new Blob([megabyte()]).stream();
    equal(differs(await exchange(request, "echo", stream), megabyte()), false);
  },
});

export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === "/read") return new Response(await request.arrayBuffer());
    if (pathname === "/echo") return new Response(request.body);
    return all.fetch(request, env, ctx);
  },
};
