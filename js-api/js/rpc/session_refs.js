// References to things of the far side: what it gave (imports), and results to come (questions).

import { primordials } from "ext:skerry/rpc/platform.js";
import { Ref } from "ext:skerry/rpc/refs.js";

const { ArrayPrototypePush } = primordials;

// What a reference in a message is, for its receiver.
const OF_SENDER = 0;
const OF_RECEIVER = 1;
const ANSWER = 2;

class ImportRef extends Ref {
  kind = OF_RECEIVER;
  session;
  id;
  /** How often the id came, which is what a release gives back. */
  came = 1;
  callbacks = [];

  constructor(session, id) {
    super(session.hooks);
    this.session = session;
    this.id = id;
  }

  call(path, payload) {
    return this.session.call(this.kind, this.id, path, payload);
  }

  onBroken(callback) {
    if (this.session.error !== null) {
      callback(this.session.error);
    } else {
      ArrayPrototypePush(this.callbacks, callback);
    }
  }

  broke(error) {
    for (let i = 0; i < this.callbacks.length; i++) {
      this.callbacks[i](error);
    }
    this.callbacks = [];
  }

  drop() {
    this.session.dropImport(this);
  }
}

class QuestionRef extends Ref {
  kind = ANSWER;
  session;
  id;

  constructor(session, id) {
    super(session.hooks);
    this.session = session;
    this.id = id;
  }

  call(path, payload) {
    return this.session.call(this.kind, this.id, path, payload);
  }

  drop() {
    this.session.finish(this.id);
  }
}

export { ANSWER, ImportRef, OF_RECEIVER, OF_SENDER, QuestionRef };
