import { name, url } from "./lib/lerwick.js";
import sea from "./sea.txt";

export default {
  async fetch(request) {
    if (request.url.endsWith("/missing")) {
      const refused = await import("./lib/nowhere.js").then(() => "loaded", () => "refused");
      return new Response(refused);
    }
    const which = "late";
    const late = await import(`./lib/${which}.js`);
    const parts = [name, sea, late.default, `${import.meta.url} ${url}`, late.name === name ? "one instance" : "two"];
    return new Response(parts.join(" | "));
  },
};
