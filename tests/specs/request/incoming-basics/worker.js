export default {
  fetch(request) {
    return new Response(`${request.method} ${request.url} ${request.headers.get("x-colour")}`);
  },
};
