import { checks } from "../../check.js";

export default checks({
  "group": () => {
    console.group("Shetland");
    console.log("one level\nalso this line");
    console.groupCollapsed("Unst");
    console.log("two levels");
    console.groupEnd();
    console.log("one again");
    console.groupEnd();
    console.groupEnd();
  },
});
