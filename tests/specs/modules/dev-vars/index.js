export default {
  fetch: (request, env) => new Response([env.FIRST, env.SECOND, env.THIRD, env.QUOTED, env.HASH].join(" | ")),
};
