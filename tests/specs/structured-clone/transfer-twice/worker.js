import { checks, equal, throws } from "../../check.js";

export default checks({
  "a buffer": async () => {
    const buffer = new ArrayBuffer(4);
    await throws(() => structuredClone(buffer, { transfer: [buffer, buffer] }), "DataCloneError");
    equal(buffer.byteLength, 4);
  },
  "a port": async () => {
    const { port1 } = new MessageChannel();
    await throws(() => structuredClone(null, { transfer: [port1, port1] }), "DataCloneError");
    port1.close();
  },
  "the value is refused": async () => {
    const buffer = new ArrayBuffer(4);
    await throws(() => structuredClone(() => {}, { transfer: [buffer] }), "DataCloneError");
    equal(buffer.byteLength, 4);
  },
});
