// The console prints an object of a hundred thousand levels, and one whose getters print.

import { attempt } from "../attack.js";

let deep = {};
for (let i = 0; i < 1e5; i++) deep = { deep };
const printing = {
  get a() {
    console.error(printing);
    return 1;
  },
};

export default attempt(() => {
  console.error(deep);
  console.error(printing);
});
