// What a worker exports: its entrypoints, the classes of its Durable Objects, and `ctx.exports`, by which it calls itself.
// https://developers.cloudflare.com/workers/runtime-apis/context/#exports

import { primordials } from "ext:core/mod.js";
import { op_object_id_check } from "ext:core/ops";
import { jurisdictionOf } from "ext:skerry/objects/id.js";
import { namespaceBinding } from "ext:skerry/objects/namespace.js";
import { bindingTo } from "ext:skerry/rpc_links.js";
import * as workers from "ext:skerry/workers.js";

const {
  ArrayPrototypeIndexOf,
  JSONStringify,
  ObjectCreate,
  ObjectHasOwn,
  ObjectPrototypeIsPrototypeOf,
  ReflectApply,
  ReflectDefineProperty,
  ReflectOwnKeys,
  TypeError,
} = primordials;

// As in `ops/subrequest.rs`.
const OWN = -1;

class Exports {
  /** Names of classes whose instances are Durable Objects. */
  #classes;
  /** The place of the first among the bindings to namespaces. */
  #place;

  constructor(classes, place) {
    this.#classes = classes;
    this.#place = place;
  }

  /** An object with handlers, or a class that extends WorkerEntrypoint or DurableObject; undefined for what the platform calls nothing of. */
  entrypointOf(value, name) {
    if (typeof value === "function") {
      if (extendsClass(value, workers.DurableObject)) {
        return objectClass(value);
      }
      if (!extendsClass(value, workers.WorkerEntrypoint) && ArrayPrototypeIndexOf(this.#classes, name) !== -1) {
        // As classes were before there was one to extend.
        return objectClass(value);
      }
      return extendsClass(value, workers.WorkerEntrypoint) || name === "default" ? classEntrypoint(value) : undefined;
    }
    if (typeof value === "object" && value !== null) {
      const handles = typeof value.fetch === "function";
      return handles || name === "default"
        ? {
          handlers: handles ? "fetch" : "",
          fetch: handles ? (request, ctx) => value.fetch(request, workers.env, ctx) : undefined,
          make: (ctx) => methodsOf(value, ctx),
        }
        : undefined;
    }
    return undefined;
  }

  /** Throws where a class is missing whose objects there are, or may be: nobody could call them. */
  checkClasses(entrypoints, namespace) {
    for (let i = 0; i < this.#classes.length; i++) {
      const name = this.#classes[i];
      if (entrypoints[name]?.Class === undefined) {
        const what = ObjectHasOwn(namespace, name) ? `exports "${name}", which is no class of Durable Objects` : `does not export it`;
        throw new TypeError(
          `The worker has Durable Objects of the class "${name}", but ${what}: add "export class ${name} extends DurableObject { ... }" ` +
            "to its main module, or take the class out of the configuration, with a migration that deletes or renames it if it was deployed",
        );
      }
    }
  }

  /** Fills `ctx.exports`: entrypoints as bindings, classes of objects as namespaces. */
  offer(entrypoints, names) {
    for (let i = 0; i < names.length; i++) {
      const name = names[i];
      const entrypoint = entrypoints[name];
      const value = entrypoint?.Class === undefined ? entrypoint && loopback(name) : this.#namespace(name);
      if (value !== undefined) {
        ReflectDefineProperty(workers.exports, name, { __proto__: null, configurable: true, enumerable: true, value, writable: true });
      }
    }
  }

  #placeOf(className) {
    const index = ArrayPrototypeIndexOf(this.#classes, className);
    return index === -1 ? undefined : this.#place + index;
  }

  /** undefined for a class without objects. */
  #namespace(className) {
    const place = this.#placeOf(className);
    return place === undefined ? undefined : namespaceBinding(place);
  }

  /** The jurisdiction that an object's id is of, empty for none. */
  jurisdictionOf(className, id) {
    const namespace = this.#namespace(className);
    return namespace === undefined ? "" : jurisdictionOf(namespace.idFromString(id));
  }
}

function extendsClass(value, base) {
  return ObjectPrototypeIsPrototypeOf(base.prototype, value.prototype ?? null);
}

function classEntrypoint(Class) {
  const handles = typeof Class.prototype?.fetch === "function";
  return {
    handlers: handles ? "fetch" : "",
    fetch: handles ? (request, ctx) => new Class(ctx, workers.env).fetch(request) : undefined,
    make: extendsClass(Class, workers.WorkerEntrypoint) ? (ctx) => new Class(ctx, workers.env) : undefined,
  };
}

/** What a binding to an exported object reaches: its own members. Methods take one argument of the caller's, and behind it `env` and `ctx`. */
function methodsOf(handlers, ctx) {
  const members = ObjectCreate(workers.WorkerEntrypoint.prototype);
  const names = ReflectOwnKeys(handlers);
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    const get = () => {
      const value = handlers[name];
      return typeof value === "function" ? (...args) => callHandler(handlers, name, value, args, ctx) : value;
    };
    ReflectDefineProperty(members, name, { __proto__: null, configurable: true, get });
  }
  return ObjectCreate(members);
}

function callHandler(handlers, name, handler, args, ctx) {
  // Of a function with more parameters nobody can say which are `env` and `ctx`: what the caller sends must not take their places.
  if (handler.length > 3 || args.length !== 1) {
    throw new TypeError(
      `"${name}" is a method of an exported object: by RPC it takes one argument, as (argument, env, ctx). ` +
        "For other numbers of them export a class that extends WorkerEntrypoint",
    );
  }
  return ReflectApply(handler, handlers, [args[0], workers.env, ctx]);
}

function objectClass(Class) {
  let handlers = "object";
  handlers += typeof Class.prototype?.fetch === "function" ? ",fetch" : "";
  handlers += typeof Class.prototype?.alarm === "function" ? ",alarm" : "";
  return { handlers, Class };
}

/** The worker's own entrypoint: called with `{ props }` it is the same with these props. */
function loopback(name) {
  const target = (props) => ({ __proto__: null, place: OWN, object: "", name: name === "default" ? null : name, props });
  return bindingTo(target(undefined), undefined, (options) => bindingTo(target(propsText(options))));
}

function propsText(options) {
  if (typeof options !== "object" || options === null) {
    throw new TypeError("An entrypoint of ctx.exports is called with an object of options: { props }");
  }
  const { props } = options;
  if (props === undefined) {
    return undefined;
  }
  if (typeof props !== "object" || props === null) {
    throw new TypeError("The props of an entrypoint must be an object");
  }
  return JSONStringify(props);
}

export { Exports };
