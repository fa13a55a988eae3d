import test, { AssertionError, strict } from "node:assert";
import strictly from "node:assert/strict";
import { assert, checks, equal, throws } from "../../check.js";

export default checks({
  "what holds": async () => {
    test(true);
    test.ok(1);
    test.equal(1, "1");
    test.deepEqual({ a: 1 }, { a: "1" });
    test.deepStrictEqual({ a: [1, new Map([[1, 2]])] }, { a: [1, new Map([[1, 2]])] });
    test.notStrictEqual(1, "1");
    test.throws(() => { throw new TypeError("bad"); }, /bad/);
    await test.rejects(Promise.reject(new RangeError("x")), RangeError);
    test.match("abc", /b/);
  },
  "what does not": async () => {
    for (const run of [() => test(0), () => test.strictEqual(1, "1"), () => test.deepStrictEqual({ a: 1 }, { a: 2 }), () => test.throws(() => {}), () => strictly.equal(1, "1"), () => test.fail("no")]) {
      const error = await throws(run, "AssertionError");
      assert(error instanceof AssertionError && error.code === "ERR_ASSERTION");
    }
  },
  "the message shows both": async () => {
    const { actual, expected, message, operator } = await throws(() => test.deepStrictEqual([1, 2], [1, 3]), "AssertionError");
    equal([actual, expected, operator], [[1, 2], [1, 3], "deepStrictEqual"]);
    assert(message.includes("2") && message.includes("3"), message);
  },
  "strict is strict": () => assert(strict === strictly && strict.equal === strict.strictEqual),
});
