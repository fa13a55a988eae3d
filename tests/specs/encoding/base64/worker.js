import { checks, equal, throws } from "../../check.js";

export default checks({
  "the vectors of RFC 4648": () => {
    const vectors = { "": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "foob": "Zm9vYg==", "fooba": "Zm9vYmE=", "foobar": "Zm9vYmFy" };
    for (const [text, encoded] of Object.entries(vectors)) {
      equal(btoa(text), encoded);
      equal(atob(encoded), text);
    }
  },
  "every byte": () => {
    const all = String.fromCharCode(...Array(256).keys());
    equal(btoa(all).slice(-8), "/P3+/w==");
    equal(atob(btoa(all)), all);
  },
  "atob() forgives missing padding and spaces": () => {
    equal(atob("Zg"), "f");
    equal(atob(" Z m\t9\nv "), "foo");
  },
  "btoa() takes bytes only, and makes a string of the rest": async () => {
    const error = await throws(() => btoa("\u0100"), "InvalidCharacterError");
    equal(error instanceof DOMException && error.code === 5, true);
    equal(btoa(null), "bnVsbA==");
    await throws(() => btoa(), "TypeError");
  },
});
