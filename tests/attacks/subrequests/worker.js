// Fifty requests at once, to an address that is refused.

import { attack } from "../attack.js";

export default attack(async () => {
  const answers = Array.from({ length: 50 }, () => fetch("http://127.0.0.1:9/").then(() => "answered", () => "refused"));
  return Response.json([...new Set(await Promise.all(answers))]);
});
