import { checks, equal, throws } from "../../check.js";

const rejects = async (...args) => {
  const promise = fetch(...args);
  equal(promise instanceof Promise, true);
  return await throws(() => promise, "TypeError");
};

export default checks({
  "no URL": async () => {
    for (const args of [[], ["/path"], [""], ["http://"], [undefined]]) await rejects(...args);
  },
  "other schemes, named in the message": async () => {
    for (const scheme of ["ftp", "ws", "file", "foo"]) {
      const { message } = await rejects(`${scheme}://example.com/`);
      equal(message.includes(`${scheme}:`), true, message);
    }
  },
  "invalid init": async () => {
    await rejects("http://127.0.0.1/", { method: "GET", body: "x" });
    await rejects("http://127.0.0.1/", { method: "BAD METHOD" });
    await rejects("http://127.0.0.1/", { redirect: "maybe" });
  },
});
