// WebAssembly memories that cannot be shared, and are counted: worker code never gets a SharedArrayBuffer, wherever its memory comes
// from, and V8 does not say what the memories of an isolate take.

import { core, primordials } from "ext:core/mod.js";
import { op_wasm_bytes, op_wasm_watch } from "ext:core/ops";

const {
  FunctionPrototypeApply,
  FunctionPrototypeCall,
  MathTrunc,
  Number,
  ObjectDefineProperty,
  ObjectGetOwnPropertyDescriptor,
  ObjectKeys,
  ObjectPrototypeIsPrototypeOf,
  PromisePrototypeThen,
  RangeError,
  ReflectConstruct,
  SafeArrayIterator,
  SafeWeakSet,
  TypeError,
} = primordials;

const PAGE_BYTES = 64 * 1024;

let bufferOf;
let bytesMax = 0;
/** Memories that worker code made or was given: those that stay within their module are not known. */
const known = new SafeWeakSet();

/** How much all memories together may take. */
function limitMemories(bytes) {
  bytesMax = bytes;
}

/** What the memories take that are still there. */
function memoryBytes() {
  return op_wasm_bytes(bufferOf, false);
}

function watch(memory) {
  if (!known.has(memory)) {
    known.add(memory);
    op_wasm_watch(memory);
  }
}

/** Makes sure that so many bytes more find room. */
function requireRoom(more) {
  if (op_wasm_bytes(bufferOf, false) + more > bytesMax && op_wasm_bytes(bufferOf, true) + more > bytesMax) {
    throw new RangeError(`WebAssembly memories may take ${bytesMax / 2 ** 20} MB together`);
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
    watch(memory);
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
  countExports(WebAssembly, prototype);
}

function countExports(WebAssembly, memoryPrototype) {
  const { Instance: NativeInstance, instantiate: nativeInstantiate } = WebAssembly;
  const { prototype } = NativeInstance;
  const { get: exportsOf } = ObjectGetOwnPropertyDescriptor(prototype, "exports");

  function counted(instance) {
    const exports = FunctionPrototypeCall(exportsOf, instance);
    const names = ObjectKeys(exports);
    for (let i = 0; i < names.length; i++) {
      const value = exports[names[i]];
      if (ObjectPrototypeIsPrototypeOf(memoryPrototype, value) && !core.isSharedArrayBuffer(FunctionPrototypeCall(bufferOf, value))) {
        watch(value);
        requireRoom(0);
      }
    }
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

export { guardMemories, limitMemories, memoryBytes };
