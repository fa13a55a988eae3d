export const calls = [];
let count = 0;

/** Replaces methods by ones that throw. */
export function patch(object, label, names) {
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    const original = object[name];
    if (typeof original !== "function") {
      continue;
    }
    const replacement = function () {
      calls[count++] = `${label}.${String(name)}`;
      throw new Error(`patched ${label}.${String(name)} was called`);
    };
    replacement.original = original;
    Object.defineProperty(object, name, { configurable: true, writable: true, value: replacement });
  }
}

export async function answer(request) {
  const path = new URL(request.url).pathname;
  if (path === "/text") {
    return new Response("plain");
  }
  if (path === "/json") {
    return Response.json({ isle: request.headers.get("x-isle") });
  }
  if (path === "/headers") {
    const headers = new Headers();
    headers.append("x-a", "1");
    headers.append("x-a", "2");
    headers.set("x-b", "3");
    return new Response("made", { status: 201, headers });
  }
  if (path === "/stream") {
    const encoder = new TextEncoder();
    return new Response(new ReadableStream({
      async start(controller) {
        controller.enqueue(encoder.encode("one"));
        await null;
        controller.enqueue(encoder.encode("two"));
        controller.close();
      },
    }));
  }
  if (path === "/identity") {
    const { readable, writable } = new IdentityTransformStream();
    const writer = writable.getWriter();
    writer.write(new TextEncoder().encode("passed on"));
    writer.close();
    return new Response(readable);
  }
  if (path === "/anew") {
    const again = new Request(request);
    return new Response(again.body);
  }
  if (path === "/echo") {
    return new Response(await request.text());
  }
  if (path === "/timer") {
    let state = "waiting";
    setTimeout(() => { state = "fired"; }, 1);
    await scheduler.wait(5);
    return new Response(state);
  }
  if (path === "/fail") {
    throw new RangeError("on purpose");
  }
  let text = "";
  for (let i = 0; i < count; i++) {
    text += `${calls[i]}\n`;
  }
  return new Response(text);
}
