export default { fetch: () => new Response("the top level's main") };
