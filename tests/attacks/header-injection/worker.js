// Line breaks in everything that ends up in the head of an answer.

import { attack } from "../attack.js";

const BREAK = "x\r\nx-injected: 1";
const ways = {
  value: () => new Response("x", { headers: { a: BREAK } }),
  name: () => new Response("x", { headers: { [`a: ${BREAK}`]: "b" } }),
  append: () => {
    const response = new Response("x");
    response.headers.append("set-cookie", BREAK);
    return response;
  },
  "status-text": () => new Response("x", { statusText: BREAK }),
  redirect: () => Response.redirect(`http://a/${BREAK}`),
  location: () => new Response(null, { status: 302, headers: { location: "http://a/\u560a\u560dx-injected: 1" } }),
  blob: () => new Response(new Blob(["x"], { type: BREAK })),
  type: () => {
    const blob = new Blob(["x"]);
    Object.defineProperty(blob, "type", { value: BREAK });
    return new Response(blob);
  },
  subclass: () => {
    const response = new Response("x");
    Object.defineProperty(response, "headers", { value: [["x-injected", "1"]] });
    Object.defineProperty(response, "statusText", { value: BREAK });
    return response;
  },
  "null": () => new Response("x", { headers: { a: "b\0c\nx-injected: 1" } }),
};

export default attack((request) => {
  return ways[new URL(request.url).pathname.slice(1)]();
});
