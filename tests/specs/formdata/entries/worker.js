import { checks, equal } from "../../check.js";

const make = () => {
  const form = new FormData();
  for (const [name, value] of [["a", "1"], ["b", "2"], ["a", 3]]) form.append(name, value);
  return form;
};

export default checks({
  "get, getAll and has": () => {
    const form = make();
    equal([form.get("a"), form.getAll("a"), form.get("x"), form.getAll("x"), form.has("b"), form.has("B")], ["1", ["1", "3"], null, [], true, false]);
  },
  "set": () => {
    const form = make();
    form.set("a", "4");
    form.set("c", "5");
    equal([...form], [["a", "4"], ["b", "2"], ["c", "5"]]);
  },
  "delete": () => {
    const form = make();
    form.delete("a");
    equal([...form.entries()], [["b", "2"]]);
  },
  "keys, values and forEach": () => {
    const seen = [];
    make().forEach((value, name) => seen.push(name + value));
    equal([[...make().keys()], [...make().values()], seen], [["a", "b", "a"], ["1", "2", "3"], ["a1", "b2", "a3"]]);
  },
});
