import { checks, equal, throws } from "../../check.js";

function ends() {
  const seen = {};
  const from = new ReadableStream({ cancel: (reason) => { seen.cancel = reason; } });
  const to = new WritableStream({ abort: (reason) => { seen.abort = reason; } });
  return { seen, from, to };
}

export default checks({
  "its reason rejects the pipe, cancels the source and aborts the destination": async () => {
    const { seen, from, to } = ends();
    const control = new AbortController();
    const pipe = from.pipeTo(to, { signal: control.signal });
    const reason = new EvalError("stop");
    control.abort(reason);
    equal((await throws(() => pipe)) === reason, true);
    equal([seen.cancel === reason, seen.abort === reason], [true, true]);
    equal([from.locked, to.locked], [false, false]);
  },
  "without a reason it is an AbortError": async () => {
    const { seen, from, to } = ends();
    await throws(() => from.pipeTo(to, { signal: AbortSignal.abort() }), "AbortError");
    equal([seen.cancel.name, seen.abort.name], ["AbortError", "AbortError"]);
  },
  "preventCancel and preventAbort spare the ends": async () => {
    const { seen, from, to } = ends();
    const options = { signal: AbortSignal.abort("over"), preventCancel: true, preventAbort: true };
    equal(await from.pipeTo(to, options).catch((reason) => reason), "over");
    equal(seen, {});
  },
});
