// Helps a spec's worker to be a client of its own WebSockets.

/** A WebSocket to this URL, with what has come on it in order. */
export async function connect(url) {
  const response = await fetch(url, { headers: { Upgrade: "websocket" } });
  if (response.webSocket === null) {
    throw new Error(`no WebSocket, but status ${response.status}: ${await response.text()}`);
  }
  return new Client(response.webSocket);
}

class Client {
  #socket;
  #came = [];
  #wanted = [];

  constructor(socket) {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => this.#come({ data }));
    socket.addEventListener("close", ({ code, reason }) => this.#come({ closed: [code, reason] }));
    socket.accept();
  }

  send(message) {
    this.#socket.send(typeof message === "string" || message instanceof ArrayBuffer ? message : JSON.stringify(message));
  }

  close(code, reason) {
    this.#socket.close(code, reason);
  }

  /** The next message, as it came. */
  async text() {
    const next = await this.#next();
    if (next.closed) throw new Error(`closed: ${next.closed}`);
    return next.data;
  }

  /** The next message, JSON. */
  async json() {
    return JSON.parse(await this.text());
  }

  /** Code and reason: the next thing is the end. */
  async closed() {
    const next = await this.#next();
    if (!next.closed) throw new Error(`not closed, but: ${next.data}`);
    return next.closed;
  }

  #next() {
    const next = this.#came.shift();
    return next ? Promise.resolve(next) : new Promise((resolve) => this.#wanted.push(resolve));
  }

  #come(next) {
    const wanted = this.#wanted.shift();
    wanted ? wanted(next) : this.#came.push(next);
  }
}
