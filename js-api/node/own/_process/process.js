"use strict";
return __bootstrap.core.loadExtScript("ext:deno_node/_next_tick.ts");
