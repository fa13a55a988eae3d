// A function bound a hundred thousand times.

import { attempt } from "../attack.js";

export default attempt(() => {
  let f = () => {};
  for (let i = 0; i < 1e5; i++) f = f.bind();
  f();
});
