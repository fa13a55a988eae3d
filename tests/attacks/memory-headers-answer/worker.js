// An answer with ten thousand headers of a kilobyte.

import { attack } from "../attack.js";

export default attack(() => {
  const headers = new Headers();
  for (let i = 0; i < 10000; i++) headers.append(`a${i}`, "b".repeat(1000));
  return new Response("x", { headers });
});
