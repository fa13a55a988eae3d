import { checks, equal } from "../../check.js";

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

export default checks({
  "messages wait for start()": async () => {
    const { port1, port2 } = new MessageChannel();
    const seen = [];
    port2.addEventListener("message", ({ data }) => seen.push(data));
    port1.postMessage("early");
    await settle();
    equal(seen, []);
    port2.start();
    await settle();
    equal(seen, ["early"]);
    port2.close();
  },
  "after close() nothing arrives": async () => {
    const { port1, port2 } = new MessageChannel();
    const seen = [];
    port2.onmessage = ({ data }) => seen.push(data);
    port1.postMessage("before");
    await settle();
    port1.close();
    port1.postMessage("after");
    await settle();
    equal(seen, ["before"]);
  },
});
