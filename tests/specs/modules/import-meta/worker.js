import { assert, checks, equal } from "../../check.js";

export default checks({
  "url": () => {
    equal(typeof import.meta.url, "string");
    const url = new URL(import.meta.url);
    equal(url.protocol, "file:");
    equal(url.pathname, "/worker.js");
  },
  "relative to it": () => equal(new URL("./sea.txt", import.meta.url).href, "file:///sea.txt"),
  "nothing of a host": () => {
    equal([import.meta.dirname, import.meta.filename, import.meta.main], [undefined, undefined, undefined]);
    assert(Object.getPrototypeOf(import.meta) === null, "import.meta has a prototype");
  },
});
