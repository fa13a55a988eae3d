// navigator: https://developers.cloudflare.com/workers/runtime-apis/web-standards/#navigatoruseragent
// Packages recognise a Workers runtime by this user agent, so it is theirs (docs/decisions/0003-user-agent.md).

import { core, primordials } from "ext:core/mod.js";

const { TypeError } = primordials;
const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");

class Navigator {
  constructor() {
    throw new TypeError("Illegal constructor");
  }

  get userAgent() {
    return "Cloudflare-Workers";
  }

  get language() {
    return "en";
  }

  get languages() {
    return ["en"];
  }

  get hardwareConcurrency() {
    return 1;
  }

  get platform() {
    return "";
  }
}
webidl.configureInterface(Navigator);
const navigator = { __proto__: Navigator.prototype };

export { Navigator, navigator };
