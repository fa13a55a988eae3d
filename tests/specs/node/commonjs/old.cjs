"use strict";

const EventEmitter = require("events");
const { inherits } = require("util");
const path = require("node:path");

function Old() {
  EventEmitter.call(this);
}
inherits(Old, EventEmitter);

module.exports = () => ({
  text: Buffer.from("a").toString("base64"),
  joined: path.join("a", "b"),
  emitter: new Old() instanceof require("node:events").EventEmitter,
  deprecated: typeof process.version,
  inherits: typeof inherits === "function",
  late: require("path/posix").join("a", "c"),
});
