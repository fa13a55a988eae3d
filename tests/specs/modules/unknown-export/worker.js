import { noSuchExport } from "cloudflare:workers";

export default { fetch: () => new Response(`not reached ${noSuchExport}`) };
