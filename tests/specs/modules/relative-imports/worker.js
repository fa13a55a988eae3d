import { depth } from "./harbours/depth.js";
import shout, { name as harbour } from "./harbours/lerwick.js";
import { isEven } from "./harbours/even.js";

export default {
  fetch: () => new Response(`${shout(harbour)}, depth ${depth()}, cycle: ${isEven(4) ? "even" : "odd"}`),
};
