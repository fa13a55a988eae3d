import { checks, equal, throws } from "../../check.js";

const indirect = globalThis.eval;
const AsyncFunction = (async () => {}).constructor;
const GeneratorFunction = (function* () {}).constructor;
const AsyncGeneratorFunction = (async function* () {}).constructor;

async function refusals() {
  await throws(() => indirect("1 + 1"), "EvalError");
  await throws(() => new Function("return 1"), "EvalError");
  await throws(() => Function("return 1"), "EvalError");
  await throws(() => new AsyncFunction("return 1"), "EvalError");
  await throws(() => new GeneratorFunction("yield 1"), "EvalError");
  await throws(() => new AsyncGeneratorFunction("yield 1"), "EvalError");
  await throws(() => Reflect.construct(Function, ["return 1"], class {}), "EvalError");
}

let atTheStart = "refused";
try {
  await refusals();
} catch (error) {
  atTheStart = error.message;
}

export default checks({
  "in the global scope": () => equal(atTheStart, "refused"),
  "in a handler": refusals,
  "in a timer": () => new Promise((resolve, reject) => setTimeout(() => refusals().then(resolve, reject), 1)),
  "timers": () => throws(() => setTimeout("1"), "TypeError"),
  "what is no string stays": () => equal(indirect(7), globalThis.eval === indirect ? 7 : "another"),
});
