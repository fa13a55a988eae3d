const encoder = new TextEncoder();

/** A chunk whose buffer can be resized. */
function resizable(text, maxByteLength = 1024) {
  const bytes = encoder.encode(text);
  const chunk = new Uint8Array(new ArrayBuffer(bytes.length, { maxByteLength }));
  chunk.set(bytes);
  return chunk;
}

/** A body of "one", "two", where something is done to the buffer of the latter, and "three". */
function streamWith(change, type = undefined) {
  return new ReadableStream({
    type,
    async pull(controller) {
      controller.enqueue(encoder.encode("one"));
      await scheduler.wait(1);
      const two = resizable("two");
      controller.enqueue(two);
      await change(two);
      await scheduler.wait(1);
      controller.enqueue(encoder.encode("three"));
      controller.close();
    },
  });
}

const turns = async (count) => {
  for (let i = 0; i < count; i++) await null;
};

const later = async (chunk) => {
  await turns(1);
  if (chunk.buffer.resizable && !chunk.buffer.detached) chunk.buffer.resize(0);
};

const bodies = {
  "/empty": () => new ReadableStream({
    async pull(controller) {
      for (const chunk of [new Uint8Array(), encoder.encode("one"), new Uint8Array(), new Uint8Array(), encoder.encode("two"), new Uint8Array()]) {
        controller.enqueue(chunk);
        await scheduler.wait(1);
      }
      controller.close();
    },
  }),
  "/resized-at-once": () => streamWith((chunk) => chunk.buffer.resize(0)),
  "/resized-later": () => streamWith(later),
  "/bytes/resized-later": () => streamWith(later, "bytes"),
  "/transferred": () => streamWith((chunk) => { chunk.buffer.transfer(); }),
  // Nobody has read it yet: it has no bytes any more when its turn comes.
  "/resized-in-queue": () => new ReadableStream({
    start(controller) {
      const two = resizable("two");
      for (const chunk of [encoder.encode("one"), two, encoder.encode("three")]) controller.enqueue(chunk);
      controller.close();
      two.buffer.resize(0);
    },
  }, { highWaterMark: 9 }),
  "/many": () => {
    let sent = 0;
    return new ReadableStream({
      async pull(controller) {
        const chunk = resizable("abcd");
        controller.enqueue(chunk);
        await turns(sent % 7);
        chunk.buffer.resize(0);
        if (++sent === 50) controller.close();
      },
    }, { highWaterMark: 0 });
  },
  // A view of a fixed length, beyond the end of its buffer after that.
  "/fixed-view": () => {
    const two = resizable("two");
    return new ReadableStream({
      start(controller) {
        for (const chunk of [encoder.encode("one"), new Uint8Array(two.buffer, 1, 2), encoder.encode("three")]) controller.enqueue(chunk);
        controller.close();
        two.buffer.resize(1);
      },
    }, { highWaterMark: 9 });
  },
  "/text": async () => await new Response(streamWith((chunk) => chunk.buffer.resize(0))).text(),
  "/piped": () => streamWith((chunk) => chunk.buffer.resize(0)).pipeThrough(new TransformStream()),
  "/wasm": () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 2 });
    const chunk = new Uint8Array(memory.buffer, 0, 3);
    chunk.set(encoder.encode("one"));
    return new ReadableStream({
      async pull(controller) {
        controller.enqueue(chunk);
        await null;
        memory.grow(1);
        controller.close();
      },
    }, { highWaterMark: 0 });
  },
};

export default {
  async fetch(request) {
    return new Response(await bodies[new URL(request.url).pathname]());
  },
};
