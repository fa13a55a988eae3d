// Stands in for the one script of deno_net that deno_fetch loads; nothing in it is reachable from worker code.
(function () {
return { loadTlsKeyPair() {} };
})();
