import { checks, equal } from "../../check.js";

export default checks({
  "desiredSize counts the bytes that wait": () => {
    const writer = new IdentityTransformStream({ highWaterMark: 10 }).writable.getWriter();
    equal(writer.desiredSize, 10);
    writer.write(new Uint8Array(4));
    equal(writer.desiredSize, 6);
  },
  "FixedLengthStream takes it as its second argument": () => {
    const writer = new FixedLengthStream(100, { highWaterMark: 8 }).writable.getWriter();
    equal(writer.desiredSize, 8);
  },
});
