// Finalisation callbacks that make more garbage.

import { attack } from "../attack.js";

const registry = new FinalizationRegistry(() => make());
const make = () => {
  for (let i = 0; i < 10; i++) registry.register(new Uint8Array(10000), i);
};

export default attack(async () => {
  for (;;) {
    make();
    await scheduler.wait(0);
  }
});
