// An endless loop in the global scope: the worker never starts.

for (;;);

export default { fetch() {} };
