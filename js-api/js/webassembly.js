// WebAssembly memories that cannot be shared (worker code never gets a SharedArrayBuffer, wherever its memory comes from), and that are
// refused where there is no room for them. Those that a module grows by itself end the isolate: V8 says what all of them take.

import { core, primordials } from "ext:core/mod.js";
import { op_native_bytes } from "ext:core/ops";

const {
  FunctionPrototypeApply,
  FunctionPrototypeCall,
  MathTrunc,
  Number,
  ObjectDefineProperty,
  ObjectGetOwnPropertyDescriptor,
  PromisePrototypeThen,
  RangeError,
  ReflectConstruct,
  SafeArrayIterator,
  TypeError,
} = primordials;

const PAGE_BYTES = 64 * 1024;

let bufferOf;
let bytesMax = 0;

/** How much all memories and ArrayBuffers together may take. */
function limitMemories(bytes) {
  bytesMax = bytes;
}

/** Makes sure that so many bytes more find room. */
function requireRoom(more) {
  if (op_native_bytes(false) + more > bytesMax && op_native_bytes(true) + more > bytesMax) {
    throw new RangeError(`WebAssembly memories and ArrayBuffers may take ${bytesMax / 2 ** 20} MB together`);
  }
}

function refuseShared(buffer) {
  if (core.isSharedArrayBuffer(buffer)) {
    throw new TypeError("Workers have no shared memory");
  }
  return buffer;
}

/** Replaces the constructor of memories, all that gives their buffers, and what makes instances, which may export some. */
function guardMemories(WebAssembly) {
  const { Memory: NativeMemory } = WebAssembly;
  const { prototype } = NativeMemory;
  bufferOf = ObjectGetOwnPropertyDescriptor(prototype, "buffer").get;

  function Memory(_descriptor) {
    if (new.target === undefined) {
      throw new TypeError("WebAssembly.Memory must be invoked with 'new'");
    }
    const memory = ReflectConstruct(NativeMemory, arguments, new.target);
    refuseShared(FunctionPrototypeCall(bufferOf, memory));
    requireRoom(0);
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
  const { grow: nativeGrow } = prototype;
  const { grow } = {
    grow(delta) {
      const pages = MathTrunc(Number(delta));
      if (pages > 0) {
        requireRoom(pages * PAGE_BYTES);
      }
      return FunctionPrototypeCall(nativeGrow, this, pages);
    },
  };
  ObjectDefineProperty(prototype, "grow", { __proto__: null, value: grow });
  countInstances(WebAssembly);
}

/** An instance may come with a memory of its own, which it need not export. */
function countInstances(WebAssembly) {
  const { Instance: NativeInstance, instantiate: nativeInstantiate } = WebAssembly;
  const { prototype } = NativeInstance;

  function counted(instance) {
    requireRoom(0);
    return instance;
  }

  function Instance(_module) {
    if (new.target === undefined) {
      throw new TypeError("WebAssembly.Instance must be invoked with 'new'");
    }
    return counted(ReflectConstruct(NativeInstance, arguments, new.target));
  }

  const { instantiate } = {
    instantiate(_module) {
      return PromisePrototypeThen(FunctionPrototypeApply(nativeInstantiate, this, arguments), counted);
    },
  };
  ObjectDefineProperty(Instance, "prototype", { __proto__: null, value: prototype, writable: false });
  ObjectDefineProperty(prototype, "constructor", { __proto__: null, value: Instance });
  ObjectDefineProperty(WebAssembly, "Instance", { __proto__: null, value: Instance });
  ObjectDefineProperty(WebAssembly, "instantiate", { __proto__: null, value: instantiate });
}

export { guardMemories, limitMemories };
