import { assert, checks, equal, throws } from "../../check.js";

export default checks({
  "bad URLs": async () => {
    for (const url of ["", "not a url", "/relative", "ftp://example.com/", "file:///etc/passwd", "ws://example.com/#part", "ws://"]) {
      const error = await throws(() => new WebSocket(url), "SyntaxError");
      assert(error instanceof DOMException, `${url}: no DOMException`);
    }
  },
  "no argument": () => throws(() => new WebSocket(), "TypeError"),
  "without new": () => throws(() => WebSocket("ws://example.com/"), "TypeError"),
  "constants": () => {
    const names = ["CONNECTING", "OPEN", "CLOSING", "CLOSED"];
    equal(names.map((name) => WebSocket[name]), [0, 1, 2, 3]);
    equal(names.map((name) => WebSocket.prototype[name]), [0, 1, 2, 3]);
    equal(names.map((name) => WebSocket[`READY_STATE_${name}`]), [0, 1, 2, 3]);
  },
});
