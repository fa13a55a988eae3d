// node:os. Nothing here is of the machine: all workers see the same.
"use strict";
return (function () {
  const { core, platform: { validators }, primordials: { ObjectFreeze } } = __bootstrap;
  const { os: constants } = core.loadExtScript("ext:deno_node/internal_binding/constants.ts");

  function notAvailable(name) {
    const error = new Error(`os.${name}() is not available in a worker`);
    error.code = "ERR_METHOD_NOT_IMPLEMENTED";
    return error;
  }

  return {
    arch: () => "x64",
    availableParallelism: () => 1,
    constants: ObjectFreeze(constants),
    cpus: () => [],
    devNull: "/dev/null",
    endianness: () => "LE",
    EOL: "\n",
    freemem: () => 0,
    getPriority(pid = 0) {
      validators().validateInt32(pid, "pid");
      return 0;
    },
    homedir: () => "/tmp",
    hostname: () => "localhost",
    loadavg: () => [0, 0, 0],
    machine: () => "x86_64",
    networkInterfaces: () => ({}),
    platform: () => "linux",
    release: () => "",
    setPriority() {
      throw notAvailable("setPriority");
    },
    tmpdir: () => "/tmp",
    totalmem: () => 0,
    type: () => "Linux",
    uptime: () => 0,
    userInfo: () => ({ gid: -1, homedir: "/tmp", shell: null, uid: -1, username: "worker" }),
    version: () => "",
  };
})();
