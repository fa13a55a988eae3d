// Helps a spec's worker to check things from inside: `export default checks({ "what holds": async (request, env, ctx) => { ... } })`.
// Answers "ok" when every check passes, else status 500 with one line for each that failed.

export function checks(all) {
  return {
    async fetch(request, env, ctx) {
      const failed = [];
      for (const [name, check] of Object.entries(all)) {
        try {
          await check(request, env, ctx);
        } catch (error) {
          failed.push(`${name}: ${error?.stack ?? error}`);
        }
      }
      return failed.length === 0 ? new Response("ok") : new Response(failed.join("\n"), { status: 500 });
    },
  };
}

export function assert(condition, message = "assertion failed") {
  if (!condition) throw new Error(message);
}

export function equal(actual, expected, message = "") {
  if (!same(actual, expected)) {
    throw new Error(`${message} expected ${show(expected)}, got ${show(actual)}`);
  }
}

/** Expects `run` to throw or reject with an error of this name (such as "TypeError"); returns the error. */
export async function throws(run, name = undefined) {
  try {
    await run();
  } catch (error) {
    if (name !== undefined && error?.name !== name) {
      throw new Error(`expected ${name}, got ${error?.name}: ${error?.message}`);
    }
    return error;
  }
  throw new Error(`expected ${name ?? "an error"}, but nothing was thrown`);
}

function same(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (a instanceof ArrayBuffer && b instanceof ArrayBuffer) return same(new Uint8Array(a), new Uint8Array(b));
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (a instanceof Map && b instanceof Map) return same([...a], [...b]);
  if (a instanceof Set && b instanceof Set) return same([...a], [...b]);
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]));
}

function show(value) {
  if (typeof value === "bigint") return `${value}n`;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `bytes ${[...new Uint8Array(value.buffer ?? value)]}`;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
