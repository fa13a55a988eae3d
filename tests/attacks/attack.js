// What attacks share: "/" counts the requests of the isolate, any other path attacks.

let count = 0;

export function attack(run) {
  return {
    fetch(request, env, ctx) {
      return new URL(request.url).pathname === "/" ? new Response(`${++count}`) : run(request, env, ctx);
    },
  };
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
