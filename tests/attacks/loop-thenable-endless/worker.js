// Awaits a thenable that resolves with another, for ever.

import { attack } from "../attack.js";

const again = () => ({
  then(resolve) {
    resolve(again());
  },
});

export default attack(async () => {
  return await again();
});
