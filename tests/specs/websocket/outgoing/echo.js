export function echo() {
  const [client, server] = Object.values(new WebSocketPair());
  server.accept();
  server.binaryType = "arraybuffer";
  server.addEventListener("message", ({ data }) => server.send(typeof data === "string" ? `echo: ${data}` : data));
  return new Response(null, { status: 101, webSocket: client });
}
