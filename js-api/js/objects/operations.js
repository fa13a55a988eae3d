// What storage and transactions have in common: reading, writing and listing by keys, and the alarm.
// https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/

import { core, primordials } from "ext:core/mod.js";
import {
  op_object_alarm,
  op_object_delete,
  op_object_delete_alarm,
  op_object_delete_many,
  op_object_get,
  op_object_get_many,
  op_object_list,
  op_object_put,
  op_object_put_many,
  op_object_set_alarm,
} from "ext:core/ops";

const {
  ArrayIsArray,
  ArrayPrototypePush,
  DateNow,
  DatePrototypeGetTime,
  MapPrototypeSet,
  Map,
  MathMax,
  MathMin,
  MathTrunc,
  Number,
  NumberIsFinite,
  NumberMAX_SAFE_INTEGER,
  ObjectKeys,
  PromiseReject,
  PromiseResolve,
  TypeError,
} = primordials;

const { DOMException } = core.loadExtScript("ext:deno_web/01_dom_exception.js");

/** Storage answers at once; the asynchronous interface only has the form of a promise. */
function later(run) {
  try {
    return PromiseResolve(run());
  } catch (error) {
    return PromiseReject(error);
  }
}

function texts(values) {
  const list = [];
  for (let i = 0; i < values.length; i++) {
    ArrayPrototypePush(list, `${values[i]}`);
  }
  return list;
}

function mapOf(map, flat) {
  for (let i = 0; i < flat.length; i += 2) {
    MapPrototypeSet(map, flat[i], flat[i + 1]);
  }
  return map;
}

function get(object, keys) {
  if (ArrayIsArray(keys)) {
    return mapOf(new Map(), op_object_get_many(object.number, texts(keys)));
  }
  return op_object_get(object.number, `${keys}`);
}

function refuse(message) {
  throw new DOMException(message, "DataCloneError");
}

function putOne(object, key, value) {
  if (value === undefined) {
    throw new TypeError("put() called with undefined value. It takes a key and a value; several at once are for storage.put({ key: value })");
  }
  op_object_put(object.number, `${key}`, value, refuse);
}

function put(object, keyOrEntries, value) {
  if (typeof keyOrEntries !== "object" || keyOrEntries === null) {
    putOne(object, keyOrEntries, value);
    return;
  }
  if (value !== undefined && (typeof value !== "object" || value === null)) {
    throw new TypeError(
      "put() may only be called with a single key-value pair and optional options as put(key, value, options) or with multiple key-value pairs and optional options as put(entries, options)",
    );
  }
  const pairs = [];
  const keys = ObjectKeys(keyOrEntries);
  for (let i = 0; i < keys.length; i++) {
    const one = keyOrEntries[keys[i]];
    if (one !== undefined) {
      ArrayPrototypePush(pairs, keys[i], one);
    }
  }
  op_object_put_many(object.number, pairs, refuse);
}

function delete_(object, keys) {
  if (ArrayIsArray(keys)) {
    return op_object_delete_many(object.number, texts(keys));
  }
  return op_object_delete(object.number, `${keys}`);
}

function text(value) {
  return value === undefined || value === null ? null : `${value}`;
}

/** @returns {() => any[]} gives the next piece of key, value, key, value with each call; an empty one is the end */
function lister(object, options) {
  let start = text(options?.start);
  let startAfter = text(options?.startAfter);
  let end = text(options?.end);
  const prefix = text(options?.prefix);
  const reverse = !!options?.reverse;
  if (start !== null && startAfter !== null) {
    throw new TypeError("list() cannot be called with both start and startAfter values.");
  }
  let left = NumberMAX_SAFE_INTEGER;
  const limit = options?.limit;
  if (limit !== undefined && limit !== null) {
    left = MathTrunc(Number(limit));
    if (!(left > 0)) {
      throw new TypeError("List limit must be positive.");
    }
    left = MathMin(left, NumberMAX_SAFE_INTEGER);
  }
  return () => {
    if (left === 0) {
      return [];
    }
    const piece = op_object_list(object.number, start, startAfter, end, prefix, reverse, left);
    const count = piece.length / 2;
    left = count === 0 ? 0 : left - count;
    if (count > 0) {
      const last = piece[piece.length - 2];
      if (reverse) {
        end = last;
      } else {
        start = null;
        startAfter = last;
      }
    }
    return piece;
  };
}


function list(object, options) {
  const next = lister(object, options);
  const map = new Map();
  for (let piece = next(); piece.length > 0; piece = next()) {
    mapOf(map, piece);
  }
  return map;
}

function getAlarm(object) {
  const alarm = object.isAlarmSpent ? -1 : op_object_alarm(object.number);
  return alarm < 0 ? null : alarm;
}

function setAlarm(object, time) {
  const ms = MathTrunc(core.isDate(time) ? DatePrototypeGetTime(time) : Number(time));
  if (!NumberIsFinite(ms)) {
    throw new TypeError("setAlarm() wants a Date, or milliseconds since 1970");
  }
  if (ms <= 0) {
    throw new TypeError("setAlarm() cannot be called with an alarm time <= 0");
  }
  // In the constructor it is not known yet.
  if (object.instance !== undefined && typeof object.instance.alarm !== "function") {
    throw new TypeError("Your Durable Object class must have an alarm() handler in order to call setAlarm()");
  }
  op_object_set_alarm(object.number, MathMin(MathMax(ms, DateNow()), NumberMAX_SAFE_INTEGER));
  object.isAlarmSpent = false;
}

function deleteAlarm(object) {
  op_object_delete_alarm(object.number);
  object.isAlarmSpent = false;
}

export { delete_, deleteAlarm, get, getAlarm, later, list, lister, put, putOne, setAlarm };
