import { assert, checks, equal } from "../../check.js";

export default checks({
  "userAgent": () => {
    equal(navigator.userAgent, "Cloudflare-Workers");
    assert(navigator instanceof Navigator, "no Navigator");
  },
  "read only": () => {
    let error;
    try {
      navigator.userAgent = "Other";
    } catch (thrown) {
      error = thrown;
    }
    equal(error?.name, "TypeError");
    equal(navigator.userAgent, "Cloudflare-Workers");
  },
});
