import { answer, patch } from "./answers.js";

patch(Promise.prototype, "Promise.prototype", ["then", "catch", "finally"]);
patch(Promise, "Promise", ["resolve", "reject", "all", "allSettled", "race", "any", "withResolvers", "try"]);

export default { fetch: answer };
