export default {
  fetch(request) {
    const { origin, pathname } = new URL(request.url);
    if (pathname === "/fetch") return fetch(`${origin}/echo`, { method: "REPORT", body: "x" });
    return new Response(request.method);
  },
};
