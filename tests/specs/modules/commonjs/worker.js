import speed, { fathoms } from "./speed.cjs";

export default { fetch: () => new Response(`${speed.knots} knots, ${fathoms} fathoms`) };
