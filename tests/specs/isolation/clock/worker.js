import { checks, equal } from "../../check.js";

const fraction = new Intl.DateTimeFormat("en", { minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });

const clocks = {
  "Date.now()": () => Date.now(),
  "new Date()": () => new Date().getTime(),
  "Date()": () => Date(),
  "performance.now()": () => performance.now(),
  "performance.timeOrigin": () => performance.timeOrigin,
  "performance.mark()": () => performance.mark("now").startTime,
  "Event.timeStamp": () => new Event("x").timeStamp,
  "File.lastModified": () => new File([], "x").lastModified,
  "Intl.DateTimeFormat.format()": () => fraction.format(),
  "Intl.DateTimeFormat.formatToParts()": () => fraction.formatToParts().map(({ value }) => value).join(""),
  "Temporal.Now": () => typeof Temporal === "undefined" ? 0 : String(Temporal.Now.instant()),
  "Temporal.Now.zonedDateTimeISO()": () => typeof Temporal === "undefined" ? 0 : String(Temporal.Now.zonedDateTimeISO("UTC")),
};

/** Computes for some tens of milliseconds. */
function busy() {
  let x = 1;
  for (let i = 0; i < 30_000_000; i++) {
    x = (x * 1103515245 + 12345) % 2147483648;
  }
  return x;
}

function read() {
  return Object.fromEntries(Object.entries(clocks).map(([name, clock]) => [name, clock()]));
}

export default checks({
  "in a busy loop": () => {
    const before = read();
    busy();
    equal(read(), before);
  },
  "across microtasks": async () => {
    const before = read();
    busy();
    await null;
    await new Promise((resolve) => queueMicrotask(resolve));
    equal(read(), before);
  },
  "in a timer": async () => {
    const [before, after] = await new Promise((resolve) => setTimeout(() => {
      const before = read();
      busy();
      resolve([before, read()]);
    }, 1));
    equal(after, before);
  },
});
