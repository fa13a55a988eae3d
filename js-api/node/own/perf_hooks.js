// node:perf_hooks: the global Performance, whose clock stands still while code runs.
"use strict";
return (function () {
  const { core, primordials: { ObjectFreeze } } = __bootstrap;
  const {
    performance,
    Performance,
    PerformanceEntry,
    PerformanceMark,
    PerformanceMeasure,
    PerformanceObserver,
    PerformanceObserverEntryList,
  } = core.loadExtScript("ext:deno_web/15_performance.js");

  function notAvailable(name) {
    return () => {
      const error = new Error(`perf_hooks.${name}() is not available in a worker: nothing measures its event loop`);
      error.code = "ERR_METHOD_NOT_IMPLEMENTED";
      throw error;
    };
  }

  return {
    constants: ObjectFreeze({
      NODE_PERFORMANCE_GC_MAJOR: 4,
      NODE_PERFORMANCE_GC_MINOR: 1,
      NODE_PERFORMANCE_GC_INCREMENTAL: 8,
      NODE_PERFORMANCE_GC_WEAKCB: 16,
      NODE_PERFORMANCE_GC_FLAGS_NO: 0,
      NODE_PERFORMANCE_GC_FLAGS_CONSTRUCT_RETAINED: 2,
      NODE_PERFORMANCE_GC_FLAGS_FORCED: 4,
      NODE_PERFORMANCE_GC_FLAGS_SYNCHRONOUS_PHANTOM_PROCESSING: 8,
      NODE_PERFORMANCE_GC_FLAGS_ALL_AVAILABLE_GARBAGE: 16,
      NODE_PERFORMANCE_GC_FLAGS_ALL_EXTERNAL_MEMORY: 32,
      NODE_PERFORMANCE_GC_FLAGS_SCHEDULE_IDLE: 64,
    }),
    createHistogram: notAvailable("createHistogram"),
    eventLoopUtilization: () => ({ active: 0, idle: 0, utilization: 0 }),
    monitorEventLoopDelay: notAvailable("monitorEventLoopDelay"),
    performance,
    Performance,
    PerformanceEntry,
    PerformanceMark,
    PerformanceMeasure,
    PerformanceObserver,
    PerformanceObserverEntryList,
    timerify: (callback) => callback,
  };
})();
