export default {
  async fetch(request) {
    const url = new URL(request.url);
    if (url.pathname === "/pass") {
      url.pathname = "/origin";
      return fetch(new Request(url, request));
    }
    const { method, headers } = request;
    const text = `${method} ${headers.get("x-a")} ${headers.get("content-type")} ${await request.text()}`;
    const response = new Response(text, { status: 202, headers: { "x-b": "2", "content-type": "text/y" } });
    response.headers.append("set-cookie", "a=1");
    response.headers.append("set-cookie", "b=2");
    return response;
  },
};
