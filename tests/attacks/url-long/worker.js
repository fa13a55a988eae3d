// Parses long URLs.

import { attack } from "../attack.js";

export default attack(() => {
  const text = `http://a/${"../b/".repeat(1e5)}`;
  for (;;) new URL(text);
});
