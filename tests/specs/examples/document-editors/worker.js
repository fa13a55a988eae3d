import example from "../../../../examples/document/src/index.ts";
import { apply, transform } from "../../../../examples/document/src/splice.ts";
import { checks, equal } from "../../check.js";
import { connect } from "../../socket.js";

export { TextDocument } from "../../../../examples/document/src/index.ts";

const open = (base, name, author) => connect(new URL(`/documents/${name}/socket?author=${author}`, base));
const read = async (base, name) => (await fetch(new URL(`/documents/${name}`, base))).json();

/** The next message that is not about who is there. */
async function operation(editor) {
  const message = await editor.json();
  return message.type === "editors" ? operation(editor) : message;
}

/** Numbers that look random, and are the same in each run. */
function* numbers(seed) {
  for (;;) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    yield seed >>> 8;
  }
}

const random = numbers(7);
const below = (end) => random.next().value % end;

function splice(text) {
  const position = below(text.length + 1);
  return { position, removed: below(Math.min(4, text.length - position + 1)), inserted: "abcdefgh".slice(below(9)) };
}

/** An editor as the page is: shows its own edits at once, and sends one at a time. */
class Editor {
  pending = [];
  constructor(socket, { text, revision }, name) {
    Object.assign(this, { socket, text, revision, name, made: 0 });
  }
  type() {
    const edit = { id: `${this.name}-${++this.made}`, ...splice(this.text) };
    this.text = apply(this.text, edit);
    if (this.pending.push(edit) === 1) this.#send();
  }
  #send() {
    if (this.pending.length > 0) this.socket.send({ ...this.pending[0], revision: this.revision });
  }
  async receive() {
    let theirs = await operation(this.socket);
    equal([theirs.type, theirs.revision], ["operation", this.revision + 1], JSON.stringify(theirs));
    this.revision = theirs.revision;
    if (theirs.id === this.pending[0]?.id) {
      this.pending.shift();
      return this.#send();
    }
    this.pending = this.pending.map((ours) => {
      const moved = { id: ours.id, ...transform(ours, theirs, false) };
      theirs = transform(theirs, ours, true);
      return moved;
    });
    this.text = apply(this.text, theirs);
  }
}

const inside = checks({
  "splices fit each other": () => {
    for (let i = 0; i < 5000; i++) {
      const text = "0123456789".slice(below(11));
      const [a, b] = [splice(text), splice(text)];
      const [one, other] = [apply(apply(text, a), transform(b, a, false)), apply(apply(text, b), transform(a, b, true))];
      equal(one, other, JSON.stringify({ text, a, b }));
    }
  },
  "an edit reaches all": async ({ url }) => {
    const ada = await open(url, "shared", "Ada");
    equal(await ada.json(), { type: "document", revision: 0, text: "", editors: ["Ada"] });
    const grace = await open(url, "shared", "Grace");
    equal(await grace.json(), { type: "document", revision: 0, text: "", editors: ["Ada", "Grace"] });
    equal(await ada.json(), { type: "editors", editors: ["Ada", "Grace"] });
    ada.send({ id: "1", revision: 0, position: 0, removed: 0, inserted: "tides" });
    const expected = { type: "operation", revision: 1, id: "1", author: "Ada", position: 0, removed: 0, inserted: "tides" };
    equal([await ada.json(), await grace.json()], [expected, expected]);
    grace.close(1000);
    equal(await ada.json(), { type: "editors", editors: ["Ada"] });
    equal((await grace.closed())[0], 1000);
    ada.close(1000);
  },
  "both insert at one place": async ({ url }) => {
    const [ada, grace] = [await open(url, "tie", "Ada"), await open(url, "tie", "Grace")];
    await Promise.all([operation(ada), operation(grace)]);
    ada.send({ id: "a", revision: 0, position: 0, removed: 0, inserted: "left " });
    await operation(grace);
    grace.send({ id: "g", revision: 0, position: 0, removed: 0, inserted: "right" });
    equal((await operation(grace)).position, 5);
    equal(await read(url, "tie"), { revision: 2, text: "left right" });
    [ada, grace].forEach((editor) => editor.close(1000));
  },
  "one that comes twice is made once": async ({ url }) => {
    const ada = await open(url, "twice", "Ada");
    await ada.json();
    const edit = { id: "a", revision: 0, position: 0, removed: 0, inserted: "once" };
    ada.send(edit);
    const made = await ada.json();
    ada.send(edit);
    equal(await ada.json(), made);
    equal(await read(url, "twice"), { revision: 1, text: "once" });
    ada.send({ ...edit, id: "b", revision: 7 });
    equal((await ada.json()).type, "refused");
    ada.send("no JSON");
    equal((await ada.json()).type, "refused");
    ada.close(1000);
  },
  "three that type at the same time": async ({ url }) => {
    const editors = [];
    for (const name of ["Ada", "Grace", "Alan"]) {
      const socket = await open(url, "storm", name);
      editors.push(new Editor(socket, await socket.json(), name));
    }
    const each = 25;
    await Promise.all(editors.map(async (editor) => {
      for (let i = 0; i < 3; i++) editor.type();
      for (let came = 0; came < 3 * each; came++) {
        await editor.receive();
        if (editor.made < each) editor.type();
      }
    }));
    const { revision, text } = await read(url, "storm");
    equal(editors.map((editor) => [editor.revision, editor.text]), Array(3).fill([revision, text]));
    equal(revision, 3 * each);
    editors.forEach(({ socket }) => socket.close(1000));
  },
});

export default {
  fetch(request, env, ctx) {
    return (new URL(request.url).pathname === "/" ? inside : example).fetch(request, env, ctx);
  },
};
