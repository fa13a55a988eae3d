import { assert, checks } from "../../check.js";

const fraction = new Intl.DateTimeFormat("en", { minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });

const clocks = {
  "Date.now()": () => Date.now(),
  "new Date()": () => new Date().getTime(),
  "performance.now()": () => performance.now(),
  "File.lastModified": () => new File([], "x").lastModified,
};

export default checks({
  "by numbers": async () => {
    const before = Object.entries(clocks).map(([name, clock]) => [name, clock, clock()]);
    await scheduler.wait(40);
    for (const [name, clock, then] of before) {
      const moved = clock() - then;
      assert(moved >= 38 && moved < 5000, `${name} moved by ${moved} ms`);
    }
  },
  "by text": async () => {
    const [intl, temporal] = [fraction.format(), typeof Temporal === "undefined" ? "" : String(Temporal.Now.instant())];
    await scheduler.wait(10);
    assert(fraction.format() !== intl, "Intl stands still");
    assert(temporal === "" || String(Temporal.Now.instant()) !== temporal, "Temporal stands still");
  },
  "a real time": () => assert(Date.now() > Date.UTC(2024) && Date.now() < Date.UTC(2100), new Date().toISOString()),
});
