export default {
  fetch(request, env) {
    const sorted = Object.fromEntries(["EMPTY", "TWICE", "URL"].map((name) => [name, env[name]]));
    return new Response(JSON.stringify(sorted));
  },
};
