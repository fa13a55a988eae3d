import path, { basename, join, posix, win32 } from "node:path";
import slash from "path/posix";
import { assert, checks, equal, throws } from "../../check.js";

export default checks({
  "joins": () => {
    equal([join("/a", "..", "b", "./c"), path.resolve("/a", "b", "../c"), path.normalize("/a//b/../c/.")], ["/b/c", "/a/c", "/a/c"]);
    equal([path.relative("/a/b/c", "/a/d"), path.isAbsolute("/x"), path.isAbsolute("x")], ["../../d", true, false]);
    equal(path.resolve("x"), "/bundle/x");
  },
  "parts": () => {
    equal([basename("/a/b.txt", ".txt"), path.extname("a.b.c"), path.dirname("/a/b/c")], ["b", ".c", "/a/b"]);
    equal(path.parse("/home/x/file.txt"), { root: "/", dir: "/home/x", base: "file.txt", ext: ".txt", name: "file" });
    equal(path.format({ dir: "/x", name: "y", ext: ".z" }), "/x/y.z");
    equal([path.sep, path.delimiter], ["/", ":"]);
  },
  "both kinds": () => {
    assert(posix === slash && posix.join === path.join);
    equal([win32.join("a", "b"), win32.basename("C:\\x\\y.z")], ["a\\b", "y.z"]);
  },
  "what is no path": async () => equal((await throws(() => join(5), "TypeError")).code, "ERR_INVALID_ARG_TYPE"),
});
