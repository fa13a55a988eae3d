import { checks, equal, throws } from "../../check.js";

const next = (port) => new Promise((resolve) => (port.onmessage = resolve));
const within = (promise) => Promise.race([promise, new Promise((_, reject) => setTimeout(reject, 300, new Error("no message came")))]);

export default checks({
  "by structuredClone()": async () => {
    const { port1, port2 } = new MessageChannel();
    const { port } = structuredClone({ port: port1 }, { transfer: [port1] });
    equal([port instanceof MessagePort, port !== port1], [true, true]);
    const got = next(port);
    port2.postMessage("through");
    equal((await within(got)).data, "through");
    port.close();
  },
  "in a message": async () => {
    const outer = new MessageChannel();
    const inner = new MessageChannel();
    const got = next(outer.port2);
    outer.port1.postMessage("take", [inner.port1]);
    const { data, ports } = await within(got);
    equal([data, ports.length], ["take", 1]);
    const answer = next(inner.port2);
    ports[0].postMessage("through");
    equal((await within(answer)).data, "through");
    inner.port2.close();
    outer.port1.close();
  },
  "not without being named": async () => {
    const { port1 } = new MessageChannel();
    await throws(() => structuredClone({ port1 }), "DataCloneError");
    port1.close();
  },
});
