// A Proxy above itself, and Proxies upon Proxies.

import { attempt } from "../attack.js";

export default attempt(() => {
  let proxy = {};
  for (let i = 0; i < 1e5; i++) proxy = new Proxy(proxy, {});
  proxy.x;
});
