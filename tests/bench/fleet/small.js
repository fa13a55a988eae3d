// A worker of the size that most have. The bench puts a name for every worker in the place of the marker; `/loop` never ends.
const NAME = "@ID@";

const LANGUAGES = { en: "hello from", de: "hallo von", nb: "hei fra", fr: "bonjour de" };

class Router {
  #routes = [];

  on(method, pattern, handler) {
    const names = [];
    const source = pattern.replace(/:(\w+)/g, (_, name) => {
      names.push(name);
      return "([^/]+)";
    });
    this.#routes.push({ method, expression: new RegExp(`^${source}$`), names, handler });
    return this;
  }

  async handle(request, env, context) {
    const url = new URL(request.url);
    for (const { method, expression, names, handler } of this.#routes) {
      const match = request.method === method && expression.exec(url.pathname);
      if (match) {
        const params = Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(match[index + 1])]));
        return handler({ request, url, params, env, context });
      }
    }
    return problem(404, "there is no such page");
  }
}

function problem(status, detail) {
  return Response.json({ status, detail, worker: NAME }, { status });
}

function language(request) {
  const accepted = request.headers.get("accept-language") ?? "en";
  const found = accepted.split(",").map((part) => part.split(";")[0].trim().slice(0, 2)).find((code) => code in LANGUAGES);
  return found ?? "en";
}

function greet({ request }) {
  const headers = { "content-type": "text/plain;charset=UTF-8", "cache-control": "no-store", vary: "accept-language" };
  return new Response(`${LANGUAGES[language(request)]} ${NAME}`, { headers });
}

async function echo({ request, params }) {
  const order = await request.json();
  return Response.json({ ...order, id: params.id, worker: NAME });
}

function loop() {
  for (;;);
}

const router = new Router().on("GET", "/", greet).on("POST", "/orders/:id", echo).on("GET", "/loop", loop);

export default {
  async fetch(request, env, context) {
    try {
      return await router.handle(request, env, context);
    } catch (error) {
      return problem(500, String(error));
    }
  },
};
