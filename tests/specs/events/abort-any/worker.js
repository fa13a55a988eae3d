import { assert, checks, equal, throws } from "../../check.js";

export default checks({
  "the first": () => {
    const [a, b] = [new AbortController(), new AbortController()];
    const any = AbortSignal.any([a.signal, b.signal]);
    const seen = [];
    any.addEventListener("abort", () => seen.push(any.reason));
    equal(any.aborted, false);
    b.abort("b");
    a.abort("a");
    equal([any.aborted, any.reason, seen], [true, "b", ["b"]]);
  },
  "aborted before": () => {
    const any = AbortSignal.any([new AbortController().signal, AbortSignal.abort("x"), AbortSignal.abort("y")]);
    equal([any.aborted, any.reason], [true, "x"]);
  },
  "of any": () => {
    const controller = new AbortController();
    const inner = AbortSignal.any([controller.signal]);
    const outer = AbortSignal.any([inner, new AbortController().signal]);
    controller.abort("deep");
    equal([inner.reason, outer.reason], ["deep", "deep"]);
  },
  "of a timeout": async () => {
    const any = AbortSignal.any([AbortSignal.timeout(5), new AbortController().signal]);
    await new Promise((resolve) => any.addEventListener("abort", resolve));
    equal(any.reason.name, "TimeoutError");
  },
  "of none": () => equal(AbortSignal.any([]).aborted, false),
  "of what is no signal": () => throws(() => AbortSignal.any([{}]), "TypeError"),
  "a signal of its own": () => {
    const { signal } = new AbortController();
    assert(AbortSignal.any([signal]) !== signal);
  },
});
