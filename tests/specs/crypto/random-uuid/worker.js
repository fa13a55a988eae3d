import { checks, equal } from "../../check.js";

export default checks({
  "version 4, variant 1, in lower case": () => {
    for (let i = 0; i < 50; i++) {
      equal(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID()), true);
    }
  },
  "no two alike": () => {
    equal(new Set(Array.from({ length: 1000 }, () => crypto.randomUUID())).size, 1000);
  },
});
