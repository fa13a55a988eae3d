import { checks } from "../../check.js";

export default checks({
  "characters": () => {
    console.log("red: \u001b[31mred");
    console.log("bell: \u0007.");
    console.log("tab:\tkept");
  },
});
