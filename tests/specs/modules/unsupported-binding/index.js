export default { fetch: () => new Response("not reached") };
