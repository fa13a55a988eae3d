import example from "../../../../examples/chat/src/index.ts";
import { assert, checks, equal, throws } from "../../check.js";
import { connect } from "../../socket.js";

export { Room } from "../../../../examples/chat/src/index.ts";

const enter = (base, room, name) => connect(new URL(`/rooms/${room}/socket?name=${name}`, base));
const room = async (base, name) => (await fetch(new URL(`/rooms/${name}`, base))).json();

const inside = checks({
  "who comes and goes is told": async ({ url }) => {
    const ada = await enter(url, "doors", "Ada");
    equal(await ada.json(), { type: "welcome", here: ["Ada"], history: [] });
    const grace = await enter(url, "doors", "Grace");
    equal(await grace.json(), { type: "welcome", here: ["Ada", "Grace"], history: [] });
    equal(await ada.json(), { type: "joined", name: "Grace", here: ["Ada", "Grace"] });
    equal((await room(url, "doors")).here, ["Ada", "Grace"]);
    grace.close(1000, "bye");
    equal(await ada.json(), { type: "left", name: "Grace", here: ["Ada"] });
    equal((await grace.closed())[0], 1000);
    ada.close(1000);
    await ada.closed();
  },
  "what is said reaches all, and is read by who comes later": async ({ url }) => {
    const ada = await enter(url, "talk", "Ada");
    await ada.json();
    const grace = await enter(url, "talk", "Grace");
    await grace.json();
    await ada.json();
    const other = await enter(url, "another", "Ada");
    await other.json();
    ada.send({ text: "hello" });
    grace.send({ text: "grüße" });
    const [first, second] = [await ada.json(), await ada.json()];
    equal(new Set([first.text, second.text]).size, 2);
    equal([await grace.json(), await grace.json()], [first, second]);
    assert(first.id === 1 && second.id === 2 && first.sent > 1e12, JSON.stringify([first, second]));
    const { history } = await room(url, "talk");
    equal(history.map(({ text }) => text), [first.text, second.text]);
    const late = await enter(url, "talk", "Late");
    equal((await late.json()).history, history);
    equal((await room(url, "another")).history, []);
    // Nothing of it came here.
    other.send("ping");
    equal(await other.text(), "pong");
    [ada, grace, late, other].forEach((client) => client.close(1000));
  },
  "a whisper reaches one": async ({ url }) => {
    const [ada, grace, eve] = [await enter(url, "corner", "Ada"), await enter(url, "corner", "Grace"), await enter(url, "corner", "Eve")];
    for (const [client, count] of [[ada, 3], [grace, 2], [eve, 1]]) {
      for (let i = 0; i < count; i++) await client.json();
    }
    ada.send({ to: "Grace", text: "psst" });
    const whisper = { type: "whispered", name: "Ada", to: "Grace", text: "psst" };
    equal([await ada.json(), await grace.json()], [whisper, whisper]);
    ada.send({ to: "Nobody", text: "psst" });
    equal(await ada.json(), { type: "error", text: "Nobody is not here" });
    eve.send("ping");
    equal(await eve.text(), "pong");
    equal((await room(url, "corner")).history, []);
    [ada, grace, eve].forEach((client) => client.close(1000));
  },
  "two windows are one person": async ({ url }) => {
    const grace = await enter(url, "windows", "Grace");
    await grace.json();
    const one = await enter(url, "windows", "Ada");
    equal((await grace.json()).type, "joined");
    const two = await enter(url, "windows", "Ada");
    equal((await two.json()).here, ["Grace", "Ada"]);
    one.close(1000);
    await one.json();
    await one.closed();
    two.send({ text: "still here" });
    equal((await grace.json()).text, "still here");
    two.close(1000);
    equal(await grace.json(), { type: "left", name: "Ada", here: ["Grace"] });
    grace.close(1000);
  },
  "what cannot be said": async ({ url }) => {
    const ada = await enter(url, "rules", "Ada");
    await ada.json();
    for (const message of ["no JSON", "null", "[]", '{"text":5}', '{"text":" "}', JSON.stringify({ text: "x".repeat(1001) }), new ArrayBuffer(4)]) {
      ada.send(message);
      equal(await ada.json(), { type: "error", text: 'Send {"text": "..."} with up to 1000 characters' });
    }
    await throws(() => enter(url, "rules", "x".repeat(31)), "Error");
    ada.close(1000);
  },
  "old messages go": async ({ url }) => {
    const ada = await enter(url, "old", "Ada");
    await ada.json();
    for (let i = 1; i <= 110; i++) ada.send({ text: `message ${i}` });
    for (let i = 1; i <= 110; i++) equal((await ada.json()).text, `message ${i}`);
    const { history } = await room(url, "old");
    equal([history.length, history[0].text, history.at(-1).text], [100, "message 11", "message 110"]);
    ada.close(1000);
  },
});

export default {
  fetch(request, env, ctx) {
    return (new URL(request.url).pathname === "/" ? inside : example).fetch(request, env, ctx);
  },
};
