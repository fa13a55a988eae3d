import { checks, equal, throws } from "../../check.js";

export default checks({
  "respond(n) hands over n bytes of the reader's buffer": async () => {
    const stream = new ReadableStream({
      type: "bytes",
      pull(controller) {
        const { view } = controller.byobRequest;
        equal(view.byteLength, 5);
        view[0] = 10;
        view[1] = 20;
        controller.byobRequest.respond(2);
      },
    });
    equal((await stream.getReader({ mode: "byob" }).read(new Uint8Array(5))).value, new Uint8Array([10, 20]));
  },
  "respondWithNewView() takes a moved buffer": async () => {
    const stream = new ReadableStream({
      type: "bytes",
      pull(controller) {
        const { view } = controller.byobRequest;
        const moved = new Uint8Array(view.buffer.transfer(), view.byteOffset, 1);
        moved[0] = 42;
        controller.byobRequest.respondWithNewView(moved);
      },
    });
    equal((await stream.getReader({ mode: "byob" }).read(new Uint8Array(3))).value, new Uint8Array([42]));
  },
  "autoAllocateChunkSize gives default readers a request as well": async () => {
    let length;
    const stream = new ReadableStream({
      type: "bytes",
      autoAllocateChunkSize: 16,
      pull(controller) {
        length = controller.byobRequest.view.byteLength;
        controller.byobRequest.view[0] = 1;
        controller.byobRequest.respond(1);
      },
    });
    equal((await stream.getReader().read()).value, new Uint8Array([1]));
    equal(length, 16);
  },
  "answering with nothing or with too much is refused": async () => {
    let tooMuch, nothing;
    const stream = new ReadableStream({
      type: "bytes",
      async pull(controller) {
        const request = controller.byobRequest;
        tooMuch = await throws(() => request.respond(4), "RangeError");
        nothing = await throws(() => request.respond(0), "TypeError");
        request.respond(3);
        await throws(() => request.respond(1), "TypeError");
      },
    });
    await stream.getReader({ mode: "byob" }).read(new Uint8Array(3));
    equal([tooMuch.name, nothing.name], ["RangeError", "TypeError"]);
  },
});
