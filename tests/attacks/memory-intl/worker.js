// Formatters of dates.

import { attack } from "../attack.js";

const kept = [];

export default attack(() => {
  for (;;) kept.push(new Intl.DateTimeFormat("de", { dateStyle: "full" }));
});
