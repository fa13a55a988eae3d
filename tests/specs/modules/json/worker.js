import { checks, equal } from "../../check.js";
import chart from "./chart.json";
import withAttribute from "./chart.json" with { type: "json" };

export default checks({
  "value": () => equal(chart, { isles: ["Unst", "Yell"], depth: { max: 12.5, known: true }, note: null }),
  "names": () => equal(Object.keys(chart), ["isles", "depth", "note"]),
  "attribute": () => equal(withAttribute.depth.max, 12.5),
});
