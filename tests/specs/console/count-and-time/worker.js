import { checks } from "../../check.js";

export default checks({
  "count": () => {
    console.count();
    console.count();
    console.count("tides");
    console.countReset("tides");
    console.count("tides");
    console.count("tides");
    console.countReset("no such label");
  },
  "time": async () => {
    console.time("crossing");
    await scheduler.wait(2);
    console.timeLog("crossing", "half way");
    console.timeEnd("crossing");
    console.timeEnd("no such timer");
  },
});
