"use strict";
return {
  matchGlobPattern() {
    throw new Error("path.matchesGlob() is not available in a worker: use a package as picomatch or minimatch");
  },
};
