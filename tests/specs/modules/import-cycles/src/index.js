import { importer } from "./dependency.js";

const self = import("./index.js");
globalThis.runs = (globalThis.runs ?? 0) + 1;

export const name = "index";

export default {
  async fetch() {
    const [a, b] = await Promise.all([importer, self]);
    const instances = a === b ? "one instance" : "two instances";
    return new Response(`${a.name} ${b.name}, ${instances}, ${globalThis.runs === 1 ? "run once" : "run again"}`);
  },
};
