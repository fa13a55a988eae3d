"use strict";
return { osType: "linux", isAndroid: false, isWindows: false, isLinux: true, isMacOS: false };
