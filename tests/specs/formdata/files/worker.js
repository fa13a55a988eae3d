import { checks, equal } from "../../check.js";

const added = (...value) => {
  const form = new FormData();
  form.append("f", ...value);
  return form.get("f");
};

export default checks({
  "a Blob becomes a File named blob": async () => {
    const file = added(new Blob(["x"], { type: "text/css" }));
    equal([file instanceof File, file.name, file.type, await file.text()], [true, "blob", "text/css", "x"]);
  },
  "a File stays what it is": () => {
    const file = new File(["x"], "x.txt", { lastModified: 5 });
    equal(added(file) === file, true);
  },
  "the given name counts": () => {
    const file = added(new File(["x"], "x.txt", { type: "text/css" }), "y.txt");
    equal([file.name, file.type, added(new Blob(["x"]), "z").name], ["y.txt", "text/css", "z"]);
  },
});
