import { waitUntil } from "cloudflare:workers";

let outside = "did not throw";
try {
  waitUntil(Promise.resolve());
} catch {
  outside = "threw";
}

let done = false;

async function work() {
  await scheduler.wait(20);
  done = true;
}

async function deepInside() {
  await null;
  waitUntil(work());
}

export default {
  async fetch(request) {
    if (new URL(request.url).pathname === "/status") {
      for (let i = 0; i < 50 && !done; i++) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return new Response(done ? "done" : "lost");
    }
    await deepInside();
    return new Response(`outside: ${outside}, ${done ? "done" : "pending"}`);
  },
};
