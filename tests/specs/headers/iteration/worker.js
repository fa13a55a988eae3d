import { checks, equal } from "../../check.js";

const make = () => new Headers([["B", "1"], ["c", "2"], ["A", "3"], ["b", "4"]]);

export default checks({
  "pairs": () => {
    const pairs = [["a", "3"], ["b", "1, 4"], ["c", "2"]];
    equal([[...make()], [...make().entries()]], [pairs, pairs]);
  },
  "keys and values": () => equal([[...make().keys()], [...make().values()]], [["a", "b", "c"], ["3", "1, 4", "2"]]),
  "forEach gives value, name and the headers": () => {
    const headers = make();
    const seen = [];
    const self = {};
    headers.forEach(function (value, name, all) {
      seen.push(`${name}=${value}`, this === self, all === headers);
    }, self);
    equal(seen, ["a=3", true, true, "b=1, 4", true, true, "c=2", true, true]);
  },
  "the iterator sees changes": () => {
    const headers = make();
    const seen = [];
    for (const [name] of headers) {
      seen.push(name);
      headers.delete("b");
    }
    equal(seen, ["a", "c"]);
  },
});
