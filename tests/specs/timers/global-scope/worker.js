const state = await new Promise((resolve) => setTimeout(resolve, 5, "fired before the first request"));

export default { fetch: () => new Response(state) };
