// Ten thousand requests at once.

import { attack } from "../attack.js";

export default attack(async () => {
  const answers = Array.from({ length: 10000 }, () => fetch("http://127.0.0.1:9/").then(() => "answered", () => "refused"));
  return Response.json([...new Set(await Promise.all(answers))]);
});
