import { checks, equal } from "../../check.js";

export default checks({
  "the local time is UTC, in summer and winter": () => {
    for (const month of [0, 6]) {
      const date = new Date(Date.UTC(2026, month, 1, 12));
      equal([date.getTimezoneOffset(), date.getHours()], [0, 12]);
    }
  },
  "Intl says so": () => {
    equal(new Intl.DateTimeFormat().resolvedOptions().timeZone, "UTC");
    equal(new Date(2026, 5, 1).toISOString(), "2026-06-01T00:00:00.000Z");
  },
});
