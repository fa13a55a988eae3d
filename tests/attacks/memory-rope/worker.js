// A text of 512 MB, put together from halves, is flattened.

import { attempt } from "../attack.js";

export default attempt(() => {
  let rope = "x".repeat(16);
  for (let i = 0; i < 25; i++) rope += rope;
  return `${rope.charCodeAt(7)} ${encodeURIComponent(rope).length}`;
});
