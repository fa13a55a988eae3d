import { env as imported } from "cloudflare:workers";
import { checks, equal } from "../../check.js";

const far = () => imported.HARBOUR;

export default checks({
  "values": (request, env) => {
    equal(far(), "Lerwick");
    equal(imported.DEPTH, "12");
    equal(env.HARBOUR, "Lerwick");
  },
  "names": (request, env) => {
    equal(Object.keys(imported).sort(), ["DEPTH", "HARBOUR"]);
    equal(Object.keys(env).sort(), ["DEPTH", "HARBOUR"]);
  },
});
