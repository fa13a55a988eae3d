// One object with a million headers, sent as an answer.

import { attack } from "../attack.js";

export default attack(() => {
  const headers = new Headers();
  for (let i = 0; i < 1e6; i++) headers.append(`a${i}`, "b");
  return new Response("x", { headers });
});
