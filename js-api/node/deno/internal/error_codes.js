// Copyright 2018-2026 the Deno authors. MIT license.
"use strict";
return /* @__PURE__ */ (function() {
  const codes = {};
  return { codes };
})();
