// https://developers.cloudflare.com/workers/runtime-apis/websockets/

import { primordials } from "ext:core/mod.js";
import { makePair } from "ext:skerry/websocket.js";

const { SymbolIterator } = primordials;

/** Two sockets that are connected to each other, as `0` and `1`. */
class WebSocketPair {
  constructor() {
    const pair = makePair();
    this[0] = pair[0];
    this[1] = pair[1];
  }

  *[SymbolIterator]() {
    yield this[0];
    yield this[1];
  }
}

export { WebSocketPair };
