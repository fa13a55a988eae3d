// React 19 on the server, streamed: the page is sent at once with a placeholder, and the slow part follows when it is ready.
// Try: curl -N http://127.0.0.1:8787/ (and /?complete for a client that wants it in one piece)

import { renderToReadableStream } from "react-dom/server.edge";
import { Page } from "./page";

/** Stands for a query to a slow service. */
async function loadTides(): Promise<string[]> {
  await scheduler.wait(500);
  return ["03:12 low", "09:27 high", "15:40 low", "21:55 high"];
}

export default {
  async fetch(request) {
    const url = new URL(request.url);
    if (url.pathname !== "/") {
      return new Response("Not found\n", { status: 404 });
    }
    const stream = await renderToReadableStream(<Page place={url.searchParams.get("place") ?? "Skerry"} tides={loadTides()} />, {
      signal: request.signal,
      onError: (error) => console.error(error),
    });
    if (url.searchParams.has("complete")) {
      await stream.allReady;
    }
    return new Response(stream, { headers: { "Content-Type": "text/html; charset=utf-8" } });
  },
} satisfies ExportedHandler;
