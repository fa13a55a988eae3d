import { assert, checks, equal, throws } from "../../check.js";

const once = (target, type) => new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));

function pair() {
  const [a, b] = Object.values(new WebSocketPair());
  a.accept();
  b.accept();
  return [a, b];
}

export default checks({
  "code and reason": async () => {
    const [a, b] = pair();
    const [atA, atB] = [once(a, "close"), once(b, "close")];
    a.close(4321, "gone fishing");
    equal(a.readyState, WebSocket.CLOSING);
    const event = await atB;
    assert(event instanceof CloseEvent, "no CloseEvent");
    equal([event.code, event.reason, event.wasClean], [4321, "gone fishing", true]);
    const answer = await atA;
    equal([answer.code, answer.wasClean], [4321, true]);
    equal([a.readyState, b.readyState], [WebSocket.CLOSED, WebSocket.CLOSED]);
  },
  "neither": async () => {
    const [a, b] = pair();
    const closed = once(b, "close");
    a.close();
    const event = await closed;
    equal([event.code, event.reason], [1005, ""]);
  },
  "send afterwards": async () => {
    const [a] = pair();
    a.close(1000);
    await throws(() => a.send("x"));
    equal(a.close(1000), undefined);
  },
  "codes that may not be sent": async () => {
    const [a] = pair();
    for (const code of [0, 999, 1004, 1005, 1006, 1015, 5000, 70000]) {
      await throws(() => a.close(code));
    }
    await throws(() => a.close(1000, "x".repeat(124)));
    await throws(() => a.close(undefined, "a reason needs a code"));
    equal(a.readyState, WebSocket.OPEN);
    a.close(1000, "é".repeat(61));
  },
});
