import { Server, getServerByName, routePartykitRequest } from "partyserver";
import { assert, checks, equal } from "../../check.js";
import { connect } from "../../socket.js";

class Room extends Server {
  starts = 0;

  onStart(props) {
    this.starts += 1;
    this.props = props;
    this.sql`CREATE TABLE IF NOT EXISTS log (id INTEGER PRIMARY KEY, line TEXT)`;
  }

  getConnectionTags(_, { request }) {
    return new URL(request.url).searchParams.getAll("tag");
  }

  onConnect(connection, { request }) {
    connection.setState({ messages: 0, from: request.headers.get("x-before") });
    connection.send(`welcome to ${this.name}, ${connection.id}`);
    this.broadcast(`${connection.id} came`, [connection.id]);
  }

  onMessage(connection, message) {
    connection.setState(({ messages, from }) => ({ messages: messages + 1, from }));
    if (typeof message !== "string") {
      return connection.send(message);
    }
    const [what, to, text] = message.split(" ");
    switch (what) {
      case "tag":
        return [...this.getConnections(to)].forEach((other) => other.send(text));
      case "to":
        return this.getConnection(to)?.send(text);
      case "state":
        return connection.send(JSON.stringify({ ...connection.state, tags: connection.tags, server: connection.server }));
      case "close":
        return connection.close(4000, "as asked");
      case "throw":
        return Promise.reject(new Error("a message that fails"));
      default:
        return this.broadcast(`${connection.id}: ${message}`);
    }
  }

  onClose(connection, code, reason) {
    this.broadcast(`${connection.id} left: ${code} ${reason}`, [connection.id]);
  }

  async onRequest(request) {
    const line = await request.text();
    if (line !== "") this.sql`INSERT INTO log (line) VALUES (${line})`;
    const log = this.sql`SELECT line FROM log ORDER BY id`.map((row) => row.line);
    return Response.json({ name: this.name, log, before: request.headers.get("x-before"), starts: this.starts, props: this.props ?? null });
  }

  async onAlarm() {
    this.sql`INSERT INTO log (line) VALUES (${`alarm in ${this.name}`})`;
  }

  // Called by RPC.
  ids(tag) {
    return [...this.getConnections(tag)].map(({ id }) => id).sort();
  }
  started() {
    return [this.name, this.starts, this.props];
  }
  async wake() {
    await this.ctx.storage.setAlarm(Date.now() + 20);
  }
  log() {
    return this.sql`SELECT line FROM log`.map((row) => row.line);
  }
}

export class Party extends Room {}

export class SleepyParty extends Room {
  static options = { hibernate: true };
}

const inside = (party, namespace) => {
  const at = (base, room) => new URL(`/parties/${party}/${room}`, base);
  const enter = async (base, room, id, query = "") => {
    const client = await connect(new URL(`?_pk=${id}${query}`, at(base, room)));
    equal(await client.text(), `welcome to ${room}, ${id}`);
    return client;
  };
  return checks({
    "connections and broadcasts": async ({ url }) => {
      const ada = await enter(url, "talk", "ada");
      const grace = await enter(url, "talk", "grace");
      equal(await ada.text(), "grace came");
      ada.send("hello");
      equal([await ada.text(), await grace.text()], ["ada: hello", "ada: hello"]);
      const elsewhere = await enter(url, "elsewhere", "ada");
      elsewhere.send("alone");
      equal(await elsewhere.text(), "ada: alone");
      equal(await namespace.getByName("talk").ids(), ["ada", "grace"]);
      grace.close(4001, "bye");
      equal(await ada.text(), "grace left: 4001 bye");
      equal((await grace.closed())[0], 4001);
      equal(await namespace.getByName("talk").ids(), ["ada"]);
      ada.send("close");
      equal(await ada.closed(), [4000, "as asked"]);
      elsewhere.close(1000);
    },
    "tags": async ({ url }) => {
      const [red, blue] = [await enter(url, "tags", "r", "&tag=red&tag=warm"), await enter(url, "tags", "b", "&tag=blue")];
      equal(await red.text(), "b came");
      blue.send("tag red for-red");
      blue.send("tag blue for-blue");
      blue.send("to r to-r");
      equal([await red.text(), await blue.text(), await red.text()], ["for-red", "for-blue", "to-r"]);
      const room = namespace.getByName("tags");
      equal([await room.ids("warm"), await room.ids("r"), await room.ids("none"), await room.ids()], [["r"], ["r"], [], ["b", "r"]]);
      [red, blue].forEach((client) => client.close(1000));
    },
    "the state of a connection": async ({ url }) => {
      const ada = await enter(url, "state", "ada", "&tag=t");
      ada.send("state");
      ada.send("state");
      const state = { messages: 1, from: "connect", tags: ["ada", "t"], server: "state" };
      equal([await ada.json(), await ada.json()], [state, { ...state, messages: 2 }]);
      ada.send(new Uint8Array([0, 255]).buffer);
      equal(await ada.text(), new Uint8Array([0, 255]).buffer);
      ada.close(1000);
    },
    "an id is made where there is none": async ({ url }) => {
      const client = await connect(at(url, "made"));
      const [, id] = /^welcome to made, (\S{21})$/.exec(await client.text());
      equal(await namespace.getByName("made").ids(), [id]);
      client.close(1000);
    },
    "a message that fails ends nothing": async ({ url }) => {
      const ada = await enter(url, "throws", "ada");
      ada.send("throw");
      ada.send("hello");
      equal(await ada.text(), "ada: hello");
      ada.close(1000);
    },
    "requests": async ({ url }) => {
      const post = await fetch(at(url, "requests"), { method: "POST", body: "first line" });
      equal([post.status, post.headers.get("access-control-allow-origin")], [200, "*"]);
      const expected = { name: "requests", log: ["first line"], before: "request", starts: 1, props: { from: "the route" } };
      equal(await post.json(), expected);
      equal(await (await fetch(at(url, "requests"))).json(), expected);
      equal((await fetch(at(url, "requests"), { method: "OPTIONS" })).headers.get("access-control-max-age"), "86400");
      equal((await fetch(at(url, "forbidden"))).status, 403);
      equal((await fetch(new URL("/parties/unknown/room", url))).status, 400);
      equal((await fetch(new URL("/elsewhere", url))).status, 404);
    },
    "calls": async () => {
      const room = await getServerByName(namespace, "calls", { props: { n: 1 } });
      equal(await room.started(), ["calls", 1, { n: 1 }]);
      equal(await (await getServerByName(namespace, "calls")).started(), ["calls", 1, { n: 1 }]);
      equal((await (await room.fetch("http://room/")).json()).name, "calls");
    },
    "alarms": async () => {
      const room = await getServerByName(namespace, "alarms");
      await room.wake();
      let log;
      for (let i = 0; i < 300 && !log?.length; i++) {
        await scheduler.wait(20);
        log = await room.log();
      }
      equal(log, ["alarm in alarms"]);
    },
  });
};

const mark = (what) => (request, { name, className }) => {
  assert(["Party", "SleepyParty"].includes(className), className);
  if (name === "forbidden") return new Response("no", { status: 403 });
  request.headers.set("x-before", what);
};

export default {
  async fetch(request, env, ctx) {
    switch (new URL(request.url).pathname) {
      case "/check/party":
        return inside("party", env.Party).fetch(request, env, ctx);
      case "/check/sleepy-party":
        return inside("sleepy-party", env.SleepyParty).fetch(request, env, ctx);
    }
    const options = { cors: true, props: { from: "the route" }, onBeforeConnect: mark("connect"), onBeforeRequest: mark("request") };
    return (await routePartykitRequest(request, env, options)) ?? new Response("Not found", { status: 404 });
  },
};
