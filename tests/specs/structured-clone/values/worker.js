import { checks, equal } from "../../check.js";

export default checks({
  "primitives, wrapped ones too": () => {
    for (const value of [undefined, null, true, -0, NaN, 12n, "a\u{1F40C}\ud800"]) equal(structuredClone(value), value);
    const wrapped = structuredClone([new Boolean(false), new Number(3), new String("s"), Object(4n)]);
    equal(wrapped.map((value) => [typeof value, value.valueOf()]), [["object", false], ["object", 3], ["object", "s"], ["object", 4n]]);
  },
  "Date, RegExp, Map and Set": () => {
    const date = structuredClone(new Date(86400000));
    equal([date instanceof Date, date.getTime()], [true, 86400000]);
    const regexp = structuredClone(Object.assign(/a+/gi, { lastIndex: 5 }));
    equal([regexp instanceof RegExp, regexp.source, regexp.flags, regexp.lastIndex], [true, "a+", "gi", 0]);
    const map = structuredClone(new Map([[{ key: 1 }, new Set(["v"])]]));
    equal(map instanceof Map, true);
    equal([...map.keys()], [{ key: 1 }]);
    equal([...[...map.values()][0]], ["v"]);
  },
  "buffers and views": () => {
    const bytes = new Uint8Array([1, 2, 3, 4]);
    const copy = structuredClone({ buffer: bytes.buffer, part: new Uint16Array(bytes.buffer, 2, 1), view: new DataView(bytes.buffer, 1) });
    bytes.fill(9);
    equal(new Uint8Array(copy.buffer), new Uint8Array([1, 2, 3, 4]));
    equal([copy.part.constructor.name, copy.part.byteOffset, copy.part[0], copy.view.getUint8(0)], ["Uint16Array", 2, 0x0403, 2]);
    equal(copy.part.buffer === copy.buffer, true);
  },
  "arrays with holes and further properties": () => {
    const array = Object.assign([1, , 3], { note: "n" });
    const copy = structuredClone(array);
    equal([copy.length, 1 in copy, copy[2], copy.note], [3, false, 3, "n"]);
  },
});
