import { checks, equal } from "../../check.js";

let waiting = 0;
let release;
const everybody = new Promise((resolve) => (release = resolve));

const all = checks({
  "six that wait for each other": async (request) => {
    const urls = Array.from({ length: 6 }, (_, i) => `${request.url}${i}`);
    const texts = await Promise.all(urls.map(async (url) => await (await fetch(url)).text()));
    equal(texts, ["0 of 6", "1 of 6", "2 of 6", "3 of 6", "4 of 6", "5 of 6"]);
  },
});

export default {
  async fetch(request, env, ctx) {
    const name = new URL(request.url).pathname.slice(1);
    if (name === "") return all.fetch(request, env, ctx);
    if (++waiting === 6) release();
    const deadline = scheduler.wait(500);
    await Promise.race([everybody, deadline]);
    return new Response(`${name} of ${waiting}`);
  },
};
