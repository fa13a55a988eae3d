import { checks, equal, throws } from "../../check.js";

export default checks({
  "name, type and time": async () => {
    const file = new File(["a", "b"], "a/b é.txt", { type: "text/plain", lastModified: 1234 });
    equal([file instanceof Blob, file.name, file.type, file.lastModified, file.size, await file.text()], [true, "a/b é.txt", "text/plain", 1234, 2, "ab"]);
  },
  "the time is now when not given": () => equal(Number.isInteger(new File([], "a").lastModified), true),
  "a slice is a plain Blob": () => equal(new File(["ab"], "a").slice(0, 1) instanceof File, false),
  "the name is needed": () => throws(() => new File(["a"]), "TypeError"),
});
