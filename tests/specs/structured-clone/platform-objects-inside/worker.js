import { checks, throws } from "../../check.js";

export default checks({
  "in objects and lists": () => throws(() => structuredClone({ deep: [new URL("https://example.com/")] }), "DataCloneError"),
  "in a Map": () => throws(() => structuredClone(new Map([["key", new Headers()]])), "DataCloneError"),
  "in a message": async () => {
    const { port1 } = new MessageChannel();
    await throws(() => port1.postMessage({ inside: new Response() }), "DataCloneError");
    port1.close();
  },
});
