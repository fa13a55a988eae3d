import { core } from "ext:core/mod.js";

export default { fetch: () => new Response(`got ${Object.keys(core)}`) };
