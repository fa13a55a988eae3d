import { checks, equal } from "../../check.js";

const names = [
  "assert", "clear", "count", "countReset", "debug", "dir", "dirxml", "error", "group", "groupCollapsed", "groupEnd", "info",
  "log", "table", "time", "timeEnd", "timeLog", "trace", "warn",
];

export default checks({
  "methods": () => equal(names.filter((name) => typeof console[name] !== "function"), []),
  "log": () => {
    console.log("by log");
    console.info("by info");
    console.warn("by warn");
    console.error("by error");
    console.debug("by debug");
    console.trace("by trace");
    console.dir({ depth: 12 });
  },
  "unbound": () => {
    const { log } = console;
    equal(log(), undefined);
  },
});
