import text from "file:///etc/hostname";

export default { fetch: () => new Response(`got ${text}`) };
