// A chain of a million promises, each resolved with the next.

import { attempt } from "../attack.js";

export default attempt(async () => {
  let promise = Promise.resolve(1);
  for (let i = 0; i < 1e6; i++) {
    const next = promise;
    promise = (async () => next)();
  }
  await promise;
});
