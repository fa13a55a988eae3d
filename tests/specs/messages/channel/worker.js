import { checks, equal } from "../../check.js";

const next = (port) => new Promise((resolve) => (port.onmessage = resolve));
const within = (promise) => Promise.race([promise, new Promise((_, reject) => setTimeout(reject, 300, new Error("no message came")))]);

export default checks({
  "both ways": async () => {
    const { port1, port2 } = new MessageChannel();
    const [there, back] = [next(port2), next(port1)];
    port1.postMessage("there");
    port2.postMessage("back");
    equal([(await within(there)).data, (await within(back)).data], ["there", "back"]);
    port1.close();
  },
  "later, in order": async () => {
    const { port1, port2 } = new MessageChannel();
    const seen = [];
    const done = new Promise((resolve) => {
      port2.onmessage = ({ data }) => seen.push(data) === 3 && resolve();
    });
    for (const value of [1, 2, 3]) port1.postMessage(value);
    equal(seen, []);
    await within(done);
    equal(seen, [1, 2, 3]);
    port1.close();
  },
  "the event is a MessageEvent of the port": async () => {
    const { port1, port2 } = new MessageChannel();
    const event = next(port2);
    port1.postMessage(null);
    const { type, data, target, ports } = await within(event);
    equal((await event) instanceof MessageEvent, true);
    equal([type, data, target === port2, ports.length], ["message", null, true, 0]);
    port1.close();
  },
});
