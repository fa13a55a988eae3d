const hostile = {
  get stack() {
    throw new Error("no stack");
  },
  get message() {
    throw new Error("no message");
  },
  toString() {
    throw new Error("no string");
  },
};
const { proxy, revoke } = Proxy.revocable({}, {});
revoke();

export default {
  fetch(request) {
    if (globalThis.answer) {
      return new Response("sabotaged");
    }
    switch (new URL(request.url).pathname) {
      case "/string":
        throw "a bare string";
      case "/null":
        throw null;
      case "/undefined":
        throw undefined;
      case "/hostile":
        throw hostile;
      case "/revoked":
        throw proxy;
    }
    return new Response("still afloat");
  },
};
