// Copyright 2018-2026 the Deno authors. MIT license.
"use strict";
return (function() {
  const { core, primordials } = __bootstrap;
  const lazyUrl = core.createLazyLoader("node:url");
  const { validateObject } = core.loadExtScript(
    "ext:deno_node/internal/validators.mjs"
  );
  const {
    Boolean,
    Number,
    ObjectPrototypeIsPrototypeOf,
    StringPrototypeSlice,
    StringPrototypeStartsWith,
    Symbol,
    decodeURIComponent
  } = primordials;
  const searchParams = Symbol("query");
  function isURL(self) {
    return Boolean(
      // deno-lint-ignore no-explicit-any
      self?.href && self.protocol && // deno-lint-ignore no-explicit-any
      self.auth === void 0 && self.path === void 0
    );
  }
  function toPathIfFileURL(fileURLOrPath) {
    if (!ObjectPrototypeIsPrototypeOf(URL.prototype, fileURLOrPath)) {
      return fileURLOrPath;
    }
    return lazyUrl().fileURLToPath(fileURLOrPath);
  }
  function urlToHttpOptions(url) {
    validateObject(url, "url", { allowArray: true, allowFunction: true });
    const options = {
      ...url,
      // In case the url object was extended by the user.
      protocol: url.protocol,
      hostname: typeof url.hostname === "string" && StringPrototypeStartsWith(url.hostname, "[") ? StringPrototypeSlice(url.hostname, 1, -1) : url.hostname,
      hash: url.hash,
      search: url.search,
      pathname: url.pathname,
      path: `${url.pathname || ""}${url.search || ""}`,
      href: url.href
    };
    if (url.port !== "") {
      options.port = Number(url.port);
    }
    if (url.username || url.password) {
      options.auth = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    }
    return options;
  }
  return {
    isURL,
    toPathIfFileURL,
    urlToHttpOptions,
    searchParamsSymbol: searchParams
  };
})();
