import { env } from "cloudflare:workers";

const atTheStart = env.HARBOUR;

export default {
  fetch() {
    return new Response(`at the start: ${atTheStart}`);
  },
};
