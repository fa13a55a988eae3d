import { checks, equal } from "../../check.js";

const make = () => {
  const parts = ["one ", "two ", "three"];
  return new Response(
    new ReadableStream({
      async pull(controller) {
        await scheduler.wait(1);
        controller.enqueue(new TextEncoder().encode(parts.shift()));
        if (parts.length === 0) controller.close();
      },
    }),
  );
};

export default checks({
  "one after the other": async () => {
    const response = make();
    const copy = response.clone();
    equal(await copy.text(), "one two three");
    equal(await response.text(), "one two three");
  },
  "at once": async () => {
    const response = make();
    const copies = [response, response.clone(), response.clone()];
    equal(await Promise.all(copies.map((copy) => copy.text())), Array(3).fill("one two three"));
  },
});
