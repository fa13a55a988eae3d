// Copyright 2018-2026 the Deno authors. MIT license.
// Copyright Node.js contributors. All rights reserved. MIT License.
"use strict";
return (function() {
  const { core } = __bootstrap;
  const io = core.loadExtScript("ext:deno_io/12_io.js");
  let blue = "";
  let green = "";
  let white = "";
  let yellow = "";
  let red = "";
  let gray = "";
  let clear = "";
  let reset = "";
  let hasColors = false;
  function shouldColorize() {
    if (!io.stderr.isTerminal()) {
      return false;
    }
    return !Deno.noColor;
  }
  function refresh() {
    if (shouldColorize()) {
      blue = "\x1B[34m";
      green = "\x1B[32m";
      white = "\x1B[39m";
      yellow = "\x1B[33m";
      red = "\x1B[31m";
      gray = "\x1B[90m";
      clear = "\x1Bc";
      reset = "\x1B[0m";
      hasColors = true;
    } else {
      blue = "";
      green = "";
      white = "";
      yellow = "";
      red = "";
      gray = "";
      clear = "";
      reset = "";
      hasColors = false;
    }
  }
  refresh();
  return {
    blue,
    clear,
    gray,
    green,
    hasColors,
    red,
    refresh,
    reset,
    shouldColorize,
    white,
    yellow
  };
})();
