export default {
  fetch() {
    return globalThis.answer?.() ?? { status: 200, headers: new Headers(), body: null };
  },
};
