import Stream, { addAbortSignal, compose, Duplex, finished, PassThrough, pipeline, Readable, Transform, Writable } from "node:stream";
import { finished as done, pipeline as piped } from "node:stream/promises";
import { arrayBuffer, json, text } from "node:stream/consumers";
import * as web from "node:stream/web";
import { assert, checks, equal, throws } from "../../check.js";

export default checks({
  "reads": async () => {
    const all = [];
    for await (const chunk of Readable.from(["a", "b", "c"])) all.push(chunk);
    equal(all, ["a", "b", "c"]);
    equal(await text(Readable.from([Buffer.from("h\u00e9"), "llo"])), "h\u00e9llo");
    equal(await json(Readable.from(['{"a":', "1}"])), { a: 1 });
    equal((await arrayBuffer(Readable.from([Buffer.from("abc")]))).byteLength, 3);
  },
  "flows": async () => {
    const stream = new Readable({ read() {} });
    const seen = [];
    stream.setEncoding("utf8").on("data", (chunk) => seen.push(chunk)).on("end", () => seen.push("end"));
    stream.push("x");
    stream.push(Buffer.from("y"));
    stream.push(null);
    await done(stream);
    equal(seen, ["x", "y", "end"]);
  },
  "pipes through transforms": async () => {
    const upper = new Transform({ transform(chunk, _encoding, callback) { callback(null, String(chunk).toUpperCase()); }, flush(callback) { this.push("!"); callback(); } });
    const out = [];
    const sink = new Writable({ write(chunk, _encoding, callback) { out.push(String(chunk)); setTimeout(callback, 1); } });
    await piped(Readable.from(["a", "b"]), upper, sink);
    equal(out.join(""), "AB!");
    await new Promise((resolve, reject) => pipeline(Readable.from(["x"]), new PassThrough(), sink2(), (error) => error ? reject(error) : resolve()));
    function sink2() { return new Writable({ objectMode: true, write: (_chunk, _encoding, callback) => callback() }); }
  },
  "holds back": () => {
    const slow = new Writable({ highWaterMark: 3, write() {} });
    equal([slow.write("ab"), slow.write("cd"), slow.writableLength, slow.writableNeedDrain], [true, false, 4, true]);
  },
  "an error ends all": async () => {
    const broken = new Readable({ read() { this.destroy(new RangeError("broken")); } });
    const through = new PassThrough();
    await throws(() => piped(broken, through, new Writable({ write: (_c, _e, callback) => callback() })), "RangeError");
    assert(through.destroyed);
    equal((await throws(() => done(Readable.from([]).destroy(new TypeError("x"))), "TypeError")).message, "x");
    const write = new Writable({ write: (_c, _e, callback) => callback() });
    write.end();
    write.on("error", () => {});
    equal(await new Promise((resolve) => write.write("late", (error) => resolve(error.code))), "ERR_STREAM_WRITE_AFTER_END");
  },
  "a signal": async () => {
    const controller = new AbortController();
    const stream = addAbortSignal(controller.signal, new Readable({ read() {} }));
    controller.abort();
    await throws(() => done(stream), "AbortError");
  },
  "of the Web and back": async () => {
    equal(await new Response(Readable.toWeb(Readable.from([Buffer.from("we"), Buffer.from("b")]))).text(), "web");
    equal(await text(Readable.fromWeb(new Response("from").body)), "from");
    const through = new TransformStream();
    Writable.fromWeb(through.writable).end("x");
    equal(await new Response(through.readable).text(), "x");
    assert(web.ReadableStream === ReadableStream && web.CompressionStream === CompressionStream);
  },
  "operators": async () => {
    equal(await Readable.from([1, 2, 3, 4]).filter((n) => n % 2 === 0).map((n) => n * 10).toArray(), [20, 40]);
    equal(await Readable.from([1, 2, 3]).reduce((a, b) => a + b, 0), 6);
    equal(await Readable.from([1, 2, 3]).take(2).toArray(), [1, 2]);
    equal(await text(compose(Readable.from(["a"]), async function* (source) { for await (const chunk of source) yield String(chunk) + "b"; })), "ab");
  },
  "one object": () => {
    assert(Stream.Readable === Readable && Stream.Stream === Stream && Stream.promises.pipeline === piped && new Duplex() instanceof Readable);
    assert(typeof finished === "function");
  },
});
