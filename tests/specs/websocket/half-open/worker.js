import { checks, equal } from "../../check.js";

const once = (target, type) => new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));

export default checks({
  "half open": async () => {
    const [a, b] = Object.values(new WebSocketPair());
    a.accept({ allowHalfOpen: true });
    b.accept({ allowHalfOpen: true });
    const [message, closed] = [once(a, "message"), once(a, "close")];
    b.addEventListener("close", (event) => {
      b.send("one thing more");
      b.close(event.code, "bye");
    });
    a.close(4000, "enough");
    equal((await message).data, "one thing more");
    const event = await closed;
    equal([event.code, event.reason], [4000, "bye"]);
    await scheduler.wait(1);
    equal([a.readyState, b.readyState], [WebSocket.CLOSED, WebSocket.CLOSED]);
  },
});
