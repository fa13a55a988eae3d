import { assert, checks, equal, throws } from "../../check.js";

export default checks({
  "both ways": () => {
    equal([btoa(""), btoa("a"), btoa("ab"), btoa("abc"), btoa("\u00ff\u0000")], ["", "YQ==", "YWI=", "YWJj", "/wA="]);
    equal([atob("YWJj"), atob("YQ=="), atob("YQ"), atob(" Y W\tJ\nj "), atob("/wA=")], ["abc", "a", "a", "abc", "\u00ff\u0000"]);
    equal(btoa(null), "bnVsbA==");
  },
  "not bytes": async () => {
    const error = await throws(() => btoa("\u0100"), "InvalidCharacterError");
    assert(error instanceof DOMException && error.code === 5, "no DOMException of code 5");
  },
  "not base64": async () => {
    for (const text of ["a", "YQ=", "YQ===", "%", "YW-_", "=YQ="]) {
      const error = await throws(() => atob(text), "InvalidCharacterError");
      assert(error instanceof DOMException, text);
    }
  },
  "no argument": async () => {
    await throws(() => btoa(), "TypeError");
    await throws(() => atob(), "TypeError");
  },
});
