// JSON with millions of values: one native operation may pass the memory limit before it is ended.

import { attack } from "../attack.js";

export default attack(() => {
  const text = "[" + "[1],".repeat(3e6) + "1]";
  JSON.parse(text);
  return new Response("done");
});
