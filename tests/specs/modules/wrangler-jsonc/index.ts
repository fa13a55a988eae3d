interface Env {
  HARBOUR: string;
  DEPTH: number;
}

export default {
  fetch(_request: Request, env: Env): Response {
    return new Response(`${env.HARBOUR} ${env.DEPTH}`);
  },
};
