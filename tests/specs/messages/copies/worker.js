import { checks, equal, throws } from "../../check.js";

async function sent(message) {
  const { port1, port2 } = new MessageChannel();
  const event = new Promise((resolve) => (port2.onmessage = resolve));
  port1.postMessage(message);
  const { data } = await event;
  port1.close();
  return data;
}

export default checks({
  "a copy, made at once": async () => {
    const message = { map: new Map([["a", 1]]) };
    const copy = sent(message);
    message.map.set("a", 2);
    equal((await copy).map.get("a"), 1);
  },
  "what cannot be copied is refused where it is sent": async () => {
    const { port1 } = new MessageChannel();
    await throws(() => port1.postMessage(() => {}), "DataCloneError");
    await throws(() => port1.postMessage(Symbol("s")), "DataCloneError");
    port1.close();
  },
});
