// Measures its own computing by every clock, across a loop.

import { attack } from "../attack.js";

const clocks = [() => Date.now(), () => performance.now(), () => new Event("x").timeStamp, () => `${new Date()}`];

export default attack(() => {
  const before = clocks.map((clock) => clock());
  for (let i = 0; i < 2e7; i++);
  const after = clocks.map((clock) => clock());
  return new Response(JSON.stringify(before) === JSON.stringify(after) ? "stands still" : "moves");
});
