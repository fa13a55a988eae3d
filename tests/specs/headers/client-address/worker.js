export default {
  fetch(request) {
    return new Response(request.headers.get("CF-Connecting-IP"));
  },
};
