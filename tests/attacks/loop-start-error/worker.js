// The global scope throws an error whose description never ends.

Error.prepareStackTrace = () => {
  for (;;);
};
throw new Error("described for ever");
