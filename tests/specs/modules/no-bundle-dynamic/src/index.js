import { name } from "./lib/lerwick.js";

const outcome = (promise) => promise.then(() => "loaded", () => "refused");

export default {
  async fetch(request) {
    if (request.url.endsWith("/missing")) {
      const [missing, outside] = ["./lib/nowhere.js", "../secret.js"];
      return new Response(`${await outcome(import(missing))} ${await outcome(import(outside))}`);
    }
    const which = "late";
    const late = await import(`./lib/${which}.js`);
    const parts = [late.default, late.name === name ? "one instance" : "two", await late.north()];
    return new Response(parts.join(", "));
  },
};
