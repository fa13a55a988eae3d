// toJSON recurs through JSON.stringify.

import { attempt } from "../attack.js";

export default attempt(() => {
  const o = {
    toJSON() {
      return JSON.stringify(o);
    },
  };
  JSON.stringify(o);
});
