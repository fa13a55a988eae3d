// util.parseEnv: the text of a .env file. https://nodejs.org/api/util.html#utilparseenvcontent
"use strict";
return (function () {
  const { primordials } = __bootstrap;
  const { RegExpPrototypeExec, SafeRegExp, StringPrototypeReplaceAll, StringPrototypeTrim } = primordials;

  /** A name, and a value in quotation marks (which may have several lines), or without, up to a comment. */
  const LINE =
    /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=[ \t]*(?:"([^"]*)"[^\n]*|'([^']*)'[^\n]*|`([^`]*)`[^\n]*|([^#\n\r]*)[^\n]*)(?:\n|$)/gm;

  function parseEnv(text) {
    const values = {};
    const line = new SafeRegExp(LINE.source, "gm");
    let match;
    while ((match = RegExpPrototypeExec(line, text)) !== null) {
      const double = match[2];
      values[match[1]] = double === undefined
        ? match[3] ?? match[4] ?? StringPrototypeTrim(match[5] ?? "")
        : StringPrototypeReplaceAll(double, "\\n", "\n");
    }
    return values;
  }

  return { parseEnv };
})();
