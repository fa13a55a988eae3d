// Two ports that answer each other for ever, left after the answer.

import { attack } from "../attack.js";

const burn = () => {
  for (let i = 0; i < 1e5; i++);
};

export default attack(() => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => (burn(), port2.postMessage(0));
  port2.onmessage = () => (burn(), port1.postMessage(0));
  port1.postMessage(0);
  return new Response("left");
});
