// Segmenters, and iterators over their segments.

import { attack } from "../attack.js";

const kept = [];

export default attack(() => {
  const text = "x ".repeat(1000);
  for (;;) kept.push(new Intl.Segmenter("de", { granularity: "word" }).segment(text)[Symbol.iterator]());
});
