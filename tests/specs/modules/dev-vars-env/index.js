export default { fetch: (request, env) => new Response(`${env.SECRET}, ${env.OTHER}`) };
