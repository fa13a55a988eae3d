import { assert, checks, equal } from "../../check.js";

const once = (target, type) => new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));

export default checks({
  "ends": () => {
    const pair = new WebSocketPair();
    const [a, b] = Object.values(pair);
    equal(Object.keys(pair), ["0", "1"]);
    assert(pair[0] === a && pair[1] === b && a instanceof WebSocket && b instanceof WebSocket);
    equal([a.readyState, a.protocol, a.extensions, a.url], [WebSocket.OPEN, "", "", null]);
  },
  "both ways": async () => {
    const [a, b] = Object.values(new WebSocketPair());
    a.accept();
    b.accept();
    const [atB, atA] = [once(b, "message"), once(a, "message")];
    a.send("ahoy");
    b.send("aye");
    const event = await atB;
    assert(event instanceof MessageEvent && event.isTrusted, "no trusted MessageEvent");
    equal([event.data, (await atA).data, event.target === b], ["ahoy", "aye", true]);
    a.close();
  },
  "order, never at once": async () => {
    const [a, b] = Object.values(new WebSocketPair());
    a.accept();
    b.accept();
    const got = [];
    b.addEventListener("message", (event) => got.push(event.data));
    const closed = once(b, "close");
    for (let i = 0; i < 5; i++) {
      a.send(String(i));
    }
    equal(got, []);
    a.close(1000, "done");
    await closed;
    equal(got, ["0", "1", "2", "3", "4"]);
  },
  "what comes before accept() waits for it": async () => {
    const [a, b] = Object.values(new WebSocketPair());
    a.accept();
    a.send("early");
    await scheduler.wait(2);
    b.accept();
    equal((await once(b, "message")).data, "early");
    a.close();
  },
});
