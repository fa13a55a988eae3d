import { checks, equal } from "../../check.js";
import { trap } from "./trap.js";
import { use } from "./use.js";

const watch = trap();

export default checks({
  "nothing is caught": async (request) => {
    watch.begin();
    await use(request);
    equal(watch.end(), []);
  },
});
