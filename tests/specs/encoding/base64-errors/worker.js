import { checks, equal, throws } from "../../check.js";

async function refused(text) {
  const error = await throws(() => atob(text), "InvalidCharacterError");
  equal(error instanceof DOMException && error.code === 5, true);
}

export default checks({
  "a length that cannot be": () => refused("Z"),
  "padding that does not fit": async () => {
    for (const text of ["Zg=", "Zg===", "=", "Zm9v="]) await refused(text);
  },
  "signs of other alphabets": async () => {
    for (const text of ["Z-==", "Zm9_", "Zm9v\u00a0"]) await refused(text);
  },
});
