import conf from "./settings.conf";

export default {
  fetch(request, env) {
    const vars = [env.HARBOUR, env.DEPTH, env.OPEN, JSON.stringify(env.LIST), JSON.stringify(env.NESTED)].join(" ");
    return new Response(`${vars} | ${conf} | defined ${FATHOMS}`);
  },
};
