// A session: references of two isolates to each other's objects over one channel of messages.
//
// Both sides are alike. What a side lets the other reach stands in its `exports`, under ids that it gives; what it was given, in
// its `imports`. A call that a side makes is a question, and at the other side an answer, under an id of the asker: until the asker
// says FINISH, calls can go to the result, even before it is there. An import counts how often its id came, and gives that count
// back in one RELEASE, so that an id which is under way meanwhile stays valid. (Cap'n Proto's RPC works like this.)
//
//   CALL id, flags, target, path [, payload]    RETURN id, flags, payload    FINISH id    RELEASE id, count    (flows.js has the rest)
//
// The far side is not trusted: each id and count is checked, tables are bounded, and what does not fit breaks this one and no other.
// Tables are whole before worker code runs.

import { encodeThrown } from "ext:skerry/rpc/encode.js";
import { isFlowMessage } from "ext:skerry/rpc/flows.js";
import { primordials } from "ext:skerry/rpc/platform.js";
import { BrokenRef, ignoreRejection, releasePayload } from "ext:skerry/rpc/refs.js";
import { QuestionRef } from "ext:skerry/rpc/session_refs.js";
import { MAX_TABLE, Tables } from "ext:skerry/rpc/tables.js";
import { MAX_MESSAGE_BYTES, MAX_PATH, ProtocolError, Reader, RELEASE, Writer } from "ext:skerry/rpc/wire.js";

const {
  ArrayPrototypePush,
  Error,
  MapPrototypeForEach,
  Promise,
  PromisePrototypeThen,
  PromiseReject,
  SafeMap,
  TypedArrayPrototypeGetByteLength,
} = primordials;

const CALL = 1;
const RETURN = 2;
const FINISH = 3;

// Flags of CALL and RETURN.
const HAS_ARGUMENTS = 1;
const THROWN = 1;
const HAS_DISPOSER = 2;

/** Whether a message is a call: the first of a session that is of any use. */
const isCall = (bytes) => bytes[0] === CALL;

class Session extends Tables {
  #questions = new SafeMap();
  #nextQuestion = 1;
  #lastAnswer = 0;

  // Calls that this side makes.

  call(targetKind, target, path, payload) {
    if (this.ended) {
      releasePayload(payload);
      return this.failed(this.error ?? new Error("The RPC session has ended"));
    }
    if (this.counts.questions >= MAX_TABLE || path.length > MAX_PATH) {
      releasePayload(payload);
      return this.failed(
        new Error(path.length > MAX_PATH ? "RPC pipelined property path is too deep" : `More than ${MAX_TABLE} RPC calls wait for results in one session: await some of them first`),
      );
    }
    const id = this.#nextQuestion++;
    const writer = new Writer();
    writer.byte(CALL);
    writer.uint(id);
    writer.byte(payload === null ? 0 : HAS_ARGUMENTS);
    writer.byte(targetKind);
    writer.uint(target);
    this.writePath(writer, path);
    const ref = new QuestionRef(this, id);
    const question = { __proto__: null, resolve: null, reject: null, returned: false, released: false };
    const promise = new Promise((resolve, reject) => {
      question.resolve = resolve;
      question.reject = reject;
    });
    this.#questions.set(id, question);
    this.counts.questions++;
    try {
      if (payload !== null) {
        this.writePayload(writer, payload);
      }
      this.send(writer);
    } catch (error) {
      this.fail(error);
    }
    return { __proto__: null, promise, pipeline: ref };
  }

  failed(error) {
    return { __proto__: null, promise: PromiseReject(error), pipeline: new BrokenRef(this.hooks, error) };
  }

  onReturn(reader) {
    const id = reader.uint();
    const flags = reader.byte();
    const question = this.#questions.get(id);
    if (question === undefined || question.returned) {
      throw new ProtocolError("a result for no call");
    }
    const payload = this.readPayload(reader);
    payload.thrown = (flags & THROWN) !== 0;
    payload.hasDisposer = (flags & HAS_DISPOSER) !== 0;
    question.returned = true;
    question.resolve(payload);
    this.forgetQuestion(id, question);
  }

  forgetQuestion(id, question) {
    if (question.returned && question.released) {
      this.#questions.delete(id);
      this.counts.questions--;
      this.settle();
    }
  }

  /** Nothing will be asked of the result any more. */
  finish(id) {
    const question = this.#questions.get(id);
    if (question === undefined || this.ended) {
      return;
    }
    question.released = true;
    this.sendNumbers(FINISH, id);
    this.forgetQuestion(id, question);
  }

  // Calls that the far side makes.

  onCall(reader) {
    const id = reader.uint();
    const flags = reader.byte();
    if (id !== this.#lastAnswer + 1) {
      throw new ProtocolError("calls are out of order");
    }
    if (this.counts.answers >= MAX_TABLE) {
      throw new ProtocolError(`more than ${MAX_TABLE} calls at once`);
    }
    const ref = this.readTarget(reader);
    const path = this.readPath(reader);
    let payload = null;
    if (flags & HAS_ARGUMENTS) {
      payload = this.readPayload(reader);
    } else {
      reader.end();
    }
    this.#lastAnswer = id;
    const answer = { __proto__: null, pipeline: null, returned: false, finished: false };
    this.answers.set(id, answer);
    this.counts.answers++;
    const { promise, pipeline } = ref.call(path, payload);
    ref.release();
    if (this.error !== null) {
      pipeline.release();
    } else {
      answer.pipeline = pipeline;
    }
    ignoreRejection(PromisePrototypeThen(promise, (result) => this.answerWith(id, answer, result), (error) => {
      this.answerWith(id, answer, encodeThrown(error, this.hooks));
    }));
  }

  answerWith(id, answer, payload) {
    if (this.ended) {
      releasePayload(payload);
      return;
    }
    const writer = new Writer();
    writer.byte(RETURN);
    writer.uint(id);
    writer.byte((payload.thrown ? THROWN : 0) | (payload.hasDisposer ? HAS_DISPOSER : 0));
    try {
      this.writePayload(writer, payload);
      this.send(writer);
    } catch (error) {
      this.fail(error);
      return;
    }
    answer.returned = true;
    this.forgetAnswer(id, answer);
  }

  forgetAnswer(id, answer) {
    if (answer.returned && answer.finished) {
      this.answers.delete(id);
      this.counts.answers--;
      this.settle();
    }
  }

  onFinish(reader) {
    const id = reader.uint();
    reader.end();
    const answer = this.answers.get(id);
    if (answer === undefined || answer.finished) {
      throw new ProtocolError("a call is finished twice, or was never made");
    }
    answer.finished = true;
    const { pipeline } = answer;
    answer.pipeline = null;
    this.forgetAnswer(id, answer);
    pipeline?.release();
  }

  // Messages, and the end.

  receive(bytes) {
    if (this.ended) {
      return;
    }
    try {
      if (TypedArrayPrototypeGetByteLength(bytes) > MAX_MESSAGE_BYTES) {
        throw new ProtocolError("a message is larger than 32 MiB");
      }
      const reader = new Reader(bytes);
      const type = reader.byte();
      if (type === CALL) {
        this.onCall(reader);
      } else if (type === RETURN) {
        this.onReturn(reader);
      } else if (type === FINISH) {
        this.onFinish(reader);
      } else if (type === RELEASE) {
        this.onRelease(reader);
      } else if (isFlowMessage(type)) {
        this.onFlow(type, reader);
      } else {
        throw new ProtocolError("a message of unknown type");
      }
    } catch (error) {
      this.fail(error);
    }
  }

  /** This side ends the session because of an error. */
  fail(error) {
    if (this.ended) {
      return;
    }
    this.hooks.log?.(error);
    this.broken(error);
    this.channel.close();
  }

  /** The channel is gone: all that waits fails with the error, and what the far side held is released. */
  broken(error) {
    if (this.ended) {
      return;
    }
    this.error = error;
    const takeAll = (map) => {
      const all = [];
      MapPrototypeForEach(map, (entry) => ArrayPrototypePush(all, entry));
      map.clear();
      return all;
    };
    const questions = takeAll(this.#questions);
    const answers = takeAll(this.answers);
    const exported = takeAll(this.exports);
    const imports = takeAll(this.imports);
    const flows = takeAll(this.flows);
    this.exportIds.clear();
    this.starts = [];
    for (let i = 0; i < questions.length; i++) {
      questions[i].reject(error);
    }
    for (let i = 0; i < answers.length; i++) {
      answers[i].pipeline?.release();
    }
    for (let i = 0; i < exported.length; i++) {
      exported[i].ref.release();
    }
    for (let i = 0; i < imports.length; i++) {
      imports[i].broke(error);
    }
    for (let i = 0; i < flows.length; i++) {
      flows[i].break(error);
    }
  }
}

export { isCall, Session };
