// A getter of what is exported, which the platform looks at before it serves, never returns.

export default {
  get fetch() {
    for (;;);
  },
};
