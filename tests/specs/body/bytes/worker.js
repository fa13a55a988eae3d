import { checks, equal } from "../../check.js";

const expected = new Uint8Array([97, 195, 169, 10]);
const bodies = {
  text: () => "aé\n",
  "ArrayBuffer": () => expected.slice().buffer,
  "a view in the middle": () => new Uint8Array([1, 97, 195, 169, 10, 2]).subarray(1, 5),
  "DataView": () => new DataView(expected.slice().buffer),
  "Blob": () => new Blob(["a", "é\n"]),
  "stream": () => new Blob([expected]).stream(),
};

export default checks(Object.fromEntries(Object.entries(bodies).map(([name, make]) => [
  name,
  async () => {
    const bytes = await new Response(make()).bytes();
    equal([bytes instanceof Uint8Array, [...bytes]], [true, [...expected]]);
    const buffer = await new Response(make()).arrayBuffer();
    equal([buffer instanceof ArrayBuffer, [...new Uint8Array(buffer)]], [true, [...expected]]);
  },
])));
