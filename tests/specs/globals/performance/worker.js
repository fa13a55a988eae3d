import { assert, checks, equal } from "../../check.js";

export default checks({
  "timeOrigin": () => {
    equal(typeof performance.timeOrigin, "number");
    const apart = Math.abs(performance.timeOrigin + performance.now() - Date.now());
    assert(apart <= 1, `${apart} ms apart from Date.now()`);
    equal(performance.toJSON().timeOrigin, performance.timeOrigin);
  },
  "now": () => assert(Number.isFinite(performance.now()) && performance.now() >= 0, String(performance.now())),
  "marks and measures": async () => {
    const mark = performance.mark("start", { detail: { a: 1 } });
    assert(mark instanceof PerformanceMark && mark instanceof PerformanceEntry);
    equal([mark.name, mark.entryType, mark.duration, mark.detail], ["start", "mark", 0, { a: 1 }]);
    await scheduler.wait(20);
    const measure = performance.measure("took", "start");
    assert(measure.duration >= 18, `took ${measure.duration} ms`);
    equal(performance.getEntriesByType("mark").map((entry) => entry.name), ["start"]);
    equal(performance.getEntriesByName("took").length, 1);
    performance.clearMarks();
    performance.clearMeasures();
    equal(performance.getEntries().length, 0);
  },
});
