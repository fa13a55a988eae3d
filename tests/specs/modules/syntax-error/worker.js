import "./broken.js";

export default { fetch: () => new Response("not reached") };
