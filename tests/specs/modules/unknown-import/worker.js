import missing from "no-such-package";

export default { fetch: () => new Response(`not reached ${missing}`) };
