// Workers have no command line.
"use strict";
return { getExecArgvOptionValue: () => undefined, getOptionValue: () => undefined };
