import name from "old-name";
import { waitUntil } from "old-platform";

export default { fetch: () => new Response(`${name}, ${typeof waitUntil}`) };
