import { checks, equal, throws } from "../../check.js";

export default checks({
  "locked rejects with TypeError": async () => {
    const response = new Response("text");
    response.body.getReader();
    equal([response.body.locked, response.bodyUsed], [true, false]);
    await throws(() => response.text(), "TypeError");
  },
  "released works": async () => {
    const response = new Response("text");
    response.body.getReader().releaseLock();
    equal(await response.text(), "text");
  },
  "partly read rejects": async () => {
    const response = new Response("text");
    const reader = response.body.getReader();
    await reader.read();
    reader.releaseLock();
    equal(response.bodyUsed, true);
    await throws(() => response.text(), "TypeError");
  },
});
