"use strict";
return { uvTranslateSysError: () => "UNKNOWN" };
