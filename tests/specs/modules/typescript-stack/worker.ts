import { wreck } from "./rocks.ts";

export default {
  fetch(): Response {
    return wreck({ depth: 0 });
  },
};
