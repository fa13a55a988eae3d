// Objects with a hundred headers each.

import { attack } from "../attack.js";

const kept = [];

export default attack(() => {
  for (;;) {
    const headers = new Headers();
    for (let i = 0; i < 100; i++) headers.set(`a${i}`, "b".repeat(100));
    kept.push(headers);
  }
});
