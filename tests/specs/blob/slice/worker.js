import { checks, equal } from "../../check.js";

const text = (...range) => new Blob(["abc", "def"]).slice(...range).text();

export default checks({
  "from, to": async () => equal([await text(1, 4), await text(2), await text()], ["bcd", "cdef", "abcdef"]),
  "from the end": async () => equal([await text(-2), await text(0, -4), await text(-3, -1)], ["ef", "ab", "de"]),
  "outside": async () => equal([await text(4, 2), await text(10), await text(0, 99)], ["", "", "abcdef"]),
  "the type is the given one": () => {
    const blob = new Blob(["x"], { type: "text/css" });
    equal([blob.slice().type, blob.slice(0, 1, "Text/Plain").type], ["", "text/plain"]);
  },
});
