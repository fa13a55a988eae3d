import { WorkerEntrypoint } from "cloudflare:workers";
import { checks, equal, throws } from "../../check.js";

export class Far extends WorkerEntrypoint {
  numbers(count) {
    let next = 0;
    return new ReadableStream({
      type: "bytes",
      pull(controller) {
        if (next === count) {
          controller.close();
          controller.byobRequest?.respond(0);
        } else {
          controller.enqueue(new Uint8Array(1000).fill(next++));
        }
      },
    });
  }
  async sum(stream) {
    let sum = 0;
    for await (const chunk of stream) for (const byte of chunk) sum += byte;
    return sum;
  }
  async write(writable) {
    const writer = writable.getWriter();
    for (const word of ["one", "two", "three"]) await writer.write(new TextEncoder().encode(word));
    await writer.close();
  }
  breaks() {
    let count = 0;
    return new ReadableStream({
      pull(controller) {
        if (count++ < 2) controller.enqueue(new Uint8Array(10));
        else throw new TypeError("broke off");
      },
    });
  }
  respond(request) {
    return new Response(`${request.method} ${request.url} ${request.headers.get("x-a")}`, { status: 202, headers: { "x-b": "2" } });
  }
  async read(response) {
    return `${response.status} ${await response.text()}`;
  }
}

export default checks({
  "a stream comes back": async (_, env) => {
    const stream = await env.SELF.numbers(200);
    let bytes = 0, last;
    for await (const chunk of stream) {
      bytes += chunk.length;
      last = chunk[chunk.length - 1];
    }
    equal([bytes, last], [200_000, 199]);
  },
  "a stream goes there": async (_, env) => {
    equal(await env.SELF.sum(new Blob(["\x01\x02\x03"]).stream()), 6);
  },
  "a writable goes there": async (_, env) => {
    const { readable, writable } = new TransformStream();
    const [text] = await Promise.all([new Response(readable).text(), env.SELF.write(writable)]);
    equal(text, "onetwothree");
  },
  "an error in the middle": async (_, env) => {
    const stream = await env.SELF.breaks();
    await throws(async () => {
      for await (const chunk of stream) void chunk;
    });
  },
  "a response to a request": async (_, env) => {
    const response = await env.SELF.respond(new Request("http://x/y", { method: "PUT", headers: { "x-a": "1" } }));
    equal([response.status, response.headers.get("x-b"), await response.text()], [202, "2", "PUT http://x/y 1"]);
  },
  "a response as an argument": async (_, env) => {
    equal(await env.SELF.read(new Response("body", { status: 404 })), "404 body");
  },
});
