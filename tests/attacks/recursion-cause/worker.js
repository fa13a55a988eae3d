// An error of a hundred thousand causes is thrown.

import { attack } from "../attack.js";

export default attack(() => {
  let error = new Error("x");
  for (let i = 0; i < 1e5; i++) error = new Error("x", { cause: error });
  throw error;
});
