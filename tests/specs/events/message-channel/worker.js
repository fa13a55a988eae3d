import { assert, checks, equal } from "../../check.js";

export default checks({
  "messages": async () => {
    const { port1, port2 } = new MessageChannel();
    const got = [];
    const done = new Promise((resolve) => {
      port2.onmessage = (event) => {
        got.push(event.data);
        if (got.length === 3) {
          resolve();
        }
      };
    });
    const sent = { map: new Map([[1, new Date(5)]]) };
    port1.postMessage(sent);
    port1.postMessage("two");
    port1.postMessage(new Uint8Array([1, 2]));
    equal(got.length, 0);
    await done;
    assert(got[0] !== sent && got[0].map.get(1).getTime() === 5, "no clone");
    equal([got[1], [...got[2]]], ["two", [1, 2]]);
    port1.close();
  },
});
