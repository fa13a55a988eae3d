import { name, url } from "./lib/lerwick.js";
import sea from "./sea.txt";

export default {
  fetch: () => new Response([name, sea, `${import.meta.url} ${url}`].join(" | ")),
};
