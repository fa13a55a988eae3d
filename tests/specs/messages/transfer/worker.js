import { checks, equal, throws } from "../../check.js";

async function sent(message, options) {
  const { port1, port2 } = new MessageChannel();
  const event = new Promise((resolve) => (port2.onmessage = resolve));
  port1.postMessage(message, options);
  const { data } = await event;
  port1.close();
  return data;
}

export default checks({
  "named in a list": async () => {
    const { buffer } = new Uint8Array([1, 2]);
    const data = await sent({ buffer }, [buffer]);
    equal([buffer.byteLength, ...new Uint8Array(data.buffer)], [0, 1, 2]);
  },
  "named in options": async () => {
    const view = new Uint8Array([1, 2]);
    const data = await sent(view, { transfer: [view.buffer] });
    equal([view.length, ...data], [0, 1, 2]);
  },
  "a port cannot be sent through itself, nor a buffer twice": async () => {
    const { port1 } = new MessageChannel();
    await throws(() => port1.postMessage(port1, [port1]), "DataCloneError");
    const buffer = new ArrayBuffer(1);
    await throws(() => port1.postMessage(buffer, [buffer, buffer]), "DataCloneError");
    equal(buffer.byteLength, 1);
    port1.close();
  },
});
