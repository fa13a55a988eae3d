import { checks, equal, throws } from "../../check.js";

export default checks({
  "plain dates": async () => {
    equal(Temporal.PlainDate.from("2024-02-29").add({ years: 1 }).toString(), "2025-02-28");
    equal(Temporal.PlainDate.from("2026-01-31").until("2026-03-01", { largestUnit: "month" }).toString(), "P1M1D");
    await throws(() => Temporal.PlainDate.from("2026-02-30"), "RangeError");
  },
  "time zones, over the change to summer time": () => {
    const before = Temporal.ZonedDateTime.from("2026-03-29T01:30:00+01:00[Europe/Berlin]");
    equal(before.add({ hours: 1 }).toString(), "2026-03-29T03:30:00+02:00[Europe/Berlin]");
    equal(before.hoursInDay, 23);
  },
  "durations and instants": () => {
    equal(Temporal.Duration.from({ minutes: 150 }).round({ largestUnit: "hour" }).toString(), "PT2H30M");
    equal(Temporal.Instant.fromEpochMilliseconds(0).toString(), "1970-01-01T00:00:00Z");
    equal(new Date(5).toTemporalInstant().epochNanoseconds, 5000000n);
  },
  "now is the time of the request's clock, in UTC": () => {
    equal(Temporal.Now.instant().epochMilliseconds, Date.now());
    equal(Temporal.Now.timeZoneId(), "UTC");
  },
});
