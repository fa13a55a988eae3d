import { assert, checks, throws } from "../../check.js";

export default checks({
  "a module that throws": async () => {
    const error = await throws(() => import("./broken.js"), "RangeError");
    assert(error.message === "run aground", error.message);
    await throws(() => import("./broken.js"), "RangeError");
  },
  "a module that is not there": async () => {
    const name = ["./no", "where.js"].join("");
    const error = await throws(() => import(name));
    assert(error.message.includes("nowhere.js"), error.message);
  },
  "a package that is not there": async () => {
    const name = ["no-such", "package"].join("-");
    const error = await throws(() => import(name));
    assert(error.message.includes("no-such-package"), error.message);
  },
  "a URL": async () => {
    for (const name of ["https://example.com/a.js", "data:text/javascript,export default 1", "blob:x"]) {
      await throws(() => import(name));
    }
  },
});
