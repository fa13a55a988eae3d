export default {
  fetch(request) {
    const pairs = new Map(request.headers);
    return new Response(`${request.headers.get("x-list")}|${pairs.get("x-list")}`);
  },
};
