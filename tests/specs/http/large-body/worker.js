const line = `${"x".repeat(1023)}\n`;

const stream = () => {
  let left = 1024;
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(new TextEncoder().encode(line));
      if (--left === 0) controller.close();
    },
  });
};

async function check(origin) {
  const lengths = [];
  for (const path of ["text", "bytes", "stream"]) {
    const text = await (await fetch(`${origin}/${path}`)).text();
    lengths.push(text === line.repeat(1024) ? text.length : "damaged");
  }
  return new Response(lengths.join(" "));
}

export default {
  fetch(request) {
    const { origin, pathname } = new URL(request.url);
    switch (pathname) {
      case "/text": return new Response(line.repeat(1024));
      case "/bytes": return new Response(new TextEncoder().encode(line.repeat(1024)));
      case "/stream": return new Response(stream());
      default: return check(origin);
    }
  },
};
