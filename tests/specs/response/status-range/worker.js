import { checks, equal, throws } from "../../check.js";

export default checks({
  "ends of the range": () => equal([200, 599].map((status) => new Response(null, { status }).status), [200, 599]),
  "outside it throws RangeError": async () => {
    for (const status of [0, 100, 199, 600, 1000]) await throws(() => new Response(null, { status }), "RangeError");
  },
  "the status text is kept": () => equal(new Response(null, { statusText: "Well Done" }).statusText, "Well Done"),
  "a line end in the status text throws": async () => {
    for (const statusText of ["a\nb", "a\r\nx-b: c", "\u0100"]) await throws(() => new Response(null, { statusText }), "TypeError");
  },
});
