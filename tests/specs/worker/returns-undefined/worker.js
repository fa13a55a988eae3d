export default {
  fetch() {
    return globalThis.answer?.();
  },
};
