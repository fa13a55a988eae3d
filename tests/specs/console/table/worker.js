import { checks } from "../../check.js";

export default checks({
  "table": () => {
    console.table([{ isle: 1, depth: 4711 }, { isle: 2, depth: 13 }]);
    console.table([{ a: 1, b: 8888 }], ["b"]);
    console.table("only one string");
    console.table([]);
  },
});
