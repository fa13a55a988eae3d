import { checks, equal } from "../../check.js";

const COUNT = 3000;

export default checks({
  "empty values": () => {
    const headers = new Headers();
    for (let i = 0; i < COUNT; i++) headers.append(`x-${i}`, "");
    let seen = 0;
    for (const [, value] of headers) seen += value === "" ? 1 : 0;
    equal(seen, COUNT);
  },
  "empty values of one name": () => {
    const headers = new Headers();
    for (let i = 0; i < COUNT; i++) headers.append("x", "");
    equal([...headers.values()], [", ".repeat(COUNT - 1)]);
  },
  "cookies": () => {
    const headers = new Headers();
    for (let i = 0; i < COUNT; i++) headers.append("set-cookie", i % 2 === 0 ? "" : `a=${i}`);
    const values = [...headers.values()];
    equal([values.length, values[0], values[COUNT - 1]], [COUNT, "", `a=${COUNT - 1}`]);
  },
});
