const response = new Response("once");

export default { fetch: () => response };
