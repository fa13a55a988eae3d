// Errors and their texts are for the owner of the worker, not for its visitors.

import { attack } from "../attack.js";

export default attack(() => {
  throw new Error("secret-of-the-owner");
});
