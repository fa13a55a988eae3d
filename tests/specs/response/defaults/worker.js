import { checks, equal } from "../../check.js";

export default checks({
  "defaults": () => {
    const { status, statusText, ok, type, url, redirected, body, bodyUsed } = new Response();
    equal({ status, statusText, ok, type, url, redirected, body, bodyUsed }, {
      status: 200,
      statusText: "",
      ok: true,
      type: "default",
      url: "",
      redirected: false,
      body: null,
      bodyUsed: false,
    });
  },
  "no WebSocket and no headers": () => {
    const response = new Response();
    equal([response.webSocket, [...response.headers]], [null, []]);
  },
  "ok is for 200 to 299": () => {
    equal([200, 299, 300, 404].map((status) => new Response(null, { status }).ok), [true, true, false, false]);
  },
});
