// The same Response answers two requests, and one whose body is read at the same time.

import { attack } from "../attack.js";

const shared = new Response("shared");

export default attack((request) => {
  const clone = new Response(new Blob(["x".repeat(1e5)]).stream());
  clone.body.getReader();
  return new URL(request.url).pathname === "/locked" ? clone : shared;
});
