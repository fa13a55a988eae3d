// Copyright 2018-2026 the Deno authors. MIT license.
return /* @__PURE__ */ (function() {
  const codes = {};
  return { codes };
})();
