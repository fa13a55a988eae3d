// Controllers of byte streams for the platform's own sources, which call their methods: here those of the library, whatever
// worker code puts on the prototypes. Worker code does not get at these controllers.

import { core, primordials } from "ext:core/mod.js";

const { FunctionPrototypeCall, ObjectDefineProperties, ObjectGetOwnPropertyDescriptor } = primordials;

const { ReadableByteStreamController, ReadableStreamBYOBRequest } = core.loadExtScript("ext:deno_web/06_streams.js");

const { close, enqueue, error } = ReadableByteStreamController.prototype;
const getByobRequest = ObjectGetOwnPropertyDescriptor(ReadableByteStreamController.prototype, "byobRequest").get;
const getView = ObjectGetOwnPropertyDescriptor(ReadableStreamBYOBRequest.prototype, "view").get;
const { respond } = ReadableStreamBYOBRequest.prototype;

class ByobRequest {
  #request;

  constructor(request) {
    this.#request = request;
  }

  get view() {
    return FunctionPrototypeCall(getView, this.#request);
  }

  respond(length) {
    FunctionPrototypeCall(respond, this.#request, length);
  }
}

const OWN_METHODS = {
  __proto__: null,
  byobRequest: {
    __proto__: null,
    get() {
      const request = FunctionPrototypeCall(getByobRequest, this);
      return request === null ? null : new ByobRequest(request);
    },
  },
  close: { __proto__: null, value: close },
  enqueue: { __proto__: null, value: enqueue },
  error: { __proto__: null, value: error },
};

/** Gives a controller the library's methods as its own. */
function withOwnMethods(controller) {
  return ObjectDefineProperties(controller, OWN_METHODS);
}

export { withOwnMethods };
