// An endless loop in waitUntil(), after the answer.

import { attack } from "../attack.js";

export default attack((request, env, ctx) => {
  ctx.waitUntil((async () => {
    await scheduler.wait(1);
    for (;;);
  })());
  return new Response("left");
});
