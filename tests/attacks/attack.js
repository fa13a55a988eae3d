// What attacks share: "/" counts the requests of the isolate, any other path attacks.

let count = 0;

/** `lives` fails where something else of the worker does not serve. */
export function attack(run, lives = () => {}) {
  return {
    async fetch(request, env, ctx) {
      if (new URL(request.url).pathname !== "/") {
        return run(request, env, ctx);
      }
      await lives(env);
      return new Response(`${++count}`);
    },
  };
}

/** An attack by the object "one" of the class `Hostile`, which has `lives()`: by the method that the path names. Answers with what came of it. */
export function objectAttack(call = (stub, method, _env) => stub[method]()) {
  const run = async (request, env) => {
    const [, method, name] = new URL(request.url).pathname.split("/");
    try {
      return new Response(`no error ${await call(env.Hostile.getByName(name ?? "one"), method, env)}`);
    } catch (error) {
      return new Response(`${error.name}: ${error.message}`);
    }
  };
  return attack(run, (env) => env.Hostile.getByName("one").lives());
}

/** For attacks of which the worker hears: answers with the name of the error. */
export function attempt(run) {
  return attack(async (...all) => {
    try {
      return new Response(`no error ${await run(...all)}`);
    } catch (error) {
      return new Response(`${error.name}`);
    }
  });
}

/** Has the cell do what only one does that has been taken over. */
export function fault(name) {
  console.log(`skerry-test fault: ${name}`);
}
