import { checks, equal } from "../../check.js";

export default checks({
  "an object that contains itself": () => {
    const ring = { name: "ring" };
    ring.self = ring;
    const copy = structuredClone(ring);
    equal([copy !== ring, copy.self === copy, copy.name], [true, true, "ring"]);
  },
  "rings through Map and Set": () => {
    const map = new Map();
    const set = new Set([map]);
    map.set("set", set);
    const copy = structuredClone(map);
    equal([copy !== map, copy.get("set") !== set, copy.get("set").has(copy)], [true, true, true]);
  },
  "one object in two places": () => {
    const shared = [1];
    const copy = structuredClone({ a: shared, b: shared });
    equal([copy.a === copy.b, copy.a !== shared], [true, true]);
  },
});
