// WebAssembly memories that cannot be shared: worker code never gets a SharedArrayBuffer, wherever its memory comes from.

import { core, primordials } from "ext:core/mod.js";

const {
  FunctionPrototypeCall,
  ObjectDefineProperty,
  ObjectGetOwnPropertyDescriptor,
  ReflectConstruct,
  SafeArrayIterator,
  TypeError,
} = primordials;

function refuseShared(buffer) {
  if (core.isSharedArrayBuffer(buffer)) {
    throw new TypeError("Workers have no shared memory");
  }
  return buffer;
}

/** Replaces the constructor of memories, and all that gives their buffers. */
function forbidSharedMemory(WebAssembly) {
  const { Memory: NativeMemory } = WebAssembly;
  const { prototype } = NativeMemory;
  const { get: bufferOf } = ObjectGetOwnPropertyDescriptor(prototype, "buffer");

  function Memory(_descriptor) {
    if (new.target === undefined) {
      throw new TypeError("WebAssembly.Memory must be invoked with 'new'");
    }
    const memory = ReflectConstruct(NativeMemory, arguments, new.target);
    refuseShared(FunctionPrototypeCall(bufferOf, memory));
    return memory;
  }

  ObjectDefineProperty(Memory, "prototype", { __proto__: null, value: prototype, writable: false });
  ObjectDefineProperty(prototype, "constructor", { __proto__: null, value: Memory });
  ObjectDefineProperty(WebAssembly, "Memory", { __proto__: null, value: Memory });
  const { get } = ObjectGetOwnPropertyDescriptor({
    get buffer() {
      return refuseShared(FunctionPrototypeCall(bufferOf, this));
    },
  }, "buffer");
  ObjectDefineProperty(prototype, "buffer", { __proto__: null, get });
  for (const name of new SafeArrayIterator(["toFixedLengthBuffer", "toResizableBuffer"])) {
    const convert = prototype[name];
    const { [name]: value } = {
      [name]() {
        refuseShared(FunctionPrototypeCall(bufferOf, this));
        return FunctionPrototypeCall(convert, this);
      },
    };
    ObjectDefineProperty(prototype, name, { __proto__: null, value });
  }
}

export { forbidSharedMemory };
