import { DurableObject, env as importedEnv, exports, RpcTarget, WorkerEntrypoint, withExports } from "cloudflare:workers";
import { assert, checks, equal, throws } from "../../check.js";

const atStart = Object.keys(exports);

export class Room extends DurableObject {
  who() {
    return [this.ctx.id.name, Object.keys(this.ctx.exports).toSorted(), { ...this.ctx.props }];
  }
  greeter(word) {
    return this.ctx.exports.Greeter({ props: { word } });
  }
}

export class Unbound extends DurableObject {}

export class Greeter extends WorkerEntrypoint {
  greet(name) {
    return `${this.ctx.props.word ?? "no word"}, ${name}`;
  }
  name() {
    return "a method called name";
  }
  props() {
    return this.ctx.props;
  }
  make(word) {
    return { greeter: this.ctx.exports.Greeter({ props: { word } }) };
  }
  async through(greeter) {
    return await greeter.greet("through");
  }
  fetch(request) {
    return new Response(`${this.ctx.props.word} ${new URL(request.url).pathname}`);
  }
}

export const plain = {
  fetch(request, env, ctx) {
    return Response.json([request.url, ctx.props, Object.keys(env)]);
  },
};

export const notAnEntrypoint = 5;
export class Target extends RpcTarget {}

const ALL = ["Greeter", "Room", "default", "plain"];

const spec = checks({
  "what is there": async (_, env, ctx) => {
    equal([Object.keys(ctx.exports).toSorted(), Object.keys(exports).toSorted(), atStart], [ALL, ALL, []]);
    equal(Object.keys(env), ["ROOMS"]);
    equal(Object.keys(importedEnv), ["ROOMS"]);
  },
  "methods of an entrypoint": async (_, env, ctx) => {
    equal(await ctx.exports.Greeter.greet("ada"), "no word, ada");
    equal(await exports.Greeter.name(), "a method called name");
  },
  "props": async (_, env, ctx) => {
    const hello = ctx.exports.Greeter({ props: { word: "hello" } });
    equal([await hello.greet("ada"), await ctx.exports.Greeter({ props: {} }).greet("eve"), await ctx.exports.Greeter({}).greet("eve")], ["hello, ada", "no word, eve", "no word, eve"]);
    equal(await ctx.exports.Greeter({ props: { deep: [1, { a: null }] } }).props(), { deep: [1, { a: null }] });
    equal(await ctx.exports.Greeter.props(), {});
    for (const wrong of [undefined, null, 5, { props: 5 }, { props: null }]) await throws(() => ctx.exports.Greeter(wrong), "TypeError");
    await throws(() => ctx.exports.Greeter({ props: { large: "x".repeat(70_000) } }).props(), "RangeError");
  },
  "fetch": async (_, env, ctx) => {
    equal(await (await ctx.exports.Greeter({ props: { word: "hi" } }).fetch("http://x/y")).text(), "hi /y");
    equal(await (await ctx.exports.plain.fetch("http://x/z")).json(), ["http://x/z", {}, ["ROOMS"]]);
    equal(await (await ctx.exports.plain({ props: { a: 1 } }).fetch("http://x/")).json(), ["http://x/", { a: 1 }, ["ROOMS"]]);
    equal(await (await ctx.exports.default.fetch("http://x/inner")).text(), "inner");
  },
  "sent over RPC": async (_, env, ctx) => {
    const hello = ctx.exports.Greeter({ props: { word: "hello" } });
    equal(await ctx.exports.Greeter.through(hello), "hello, through");
    equal(await ctx.exports.Greeter.make("yo").greeter.greet("ada"), "yo, ada");
    using made = await ctx.exports.Greeter.make("yo");
    equal(await made.greeter.greet("eve"), "yo, eve");
    equal(await env.ROOMS.getByName("a").greeter("ho").greet("ada"), "ho, ada");
  },
  "objects": async (_, env, ctx) => {
    const id = ctx.exports.Room.idFromName("a");
    assert(id.equals(env.ROOMS.idFromName("a")));
    equal(await ctx.exports.Room.get(id).who(), ["a", ALL, {}]);
    equal(await env.ROOMS.get(ctx.exports.Room.newUniqueId({ jurisdiction: "eu" })).who(), [undefined, ALL, {}]);
    equal((await ctx.exports.Room.get(env.ROOMS.idFromName("b")).who())[0], "b");
  },
  "withExports()": async () => {
    const seen = await withExports({ own: 1 }, async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return [exports.own, exports.Greeter];
    });
    equal(seen, [1, undefined]);
    for (const nothing of [null, undefined]) equal(withExports(nothing, () => Object.keys(exports)), []);
    equal(withExports("text", () => typeof exports.Greeter), "function");
    equal(exports.own, undefined);
  },
});

export default {
  fetch(request, env, ctx) {
    return new URL(request.url).pathname === "/inner" ? new Response("inner") : spec.fetch(request, env, ctx);
  },
};
