import { checks } from "../../check.js";

class Boat {
  name = "Ness";
}

export default checks({
  "values": () => {
    console.log({ isle: "Unst", depth: 12, open: true });
    console.log([1, 2, [3]]);
    console.log(new Map([["a", 1], ["b", { c: 2 }]]));
    console.log(new Set([7]));
    console.log(new Boat());
    console.log(undefined, null);
    console.log(Symbol("tide"), 10n, function row() {});
    const round = {};
    round.self = round;
    console.log(round);
    console.log({ a: { b: { c: { d: { e: { f: 1 } } } } } });
    console.log(new Uint8Array([1, 2]));
    console.log("plain string, not quoted");
  },
});
