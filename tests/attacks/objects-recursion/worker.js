// Objects that call each other, and themselves, without end.

import { DurableObject } from "cloudflare:workers";
import { objectAttack } from "../attack.js";

export class Hostile extends DurableObject {
  lives() {}

  each_other(depth = 0) {
    return this.env.Other.getByName("one").each_other(depth + 1);
  }

  itself(depth = 0) {
    return this.env.Hostile.getByName("one").itself(depth + 1);
  }

  /** Never the same object twice. */
  chain(depth = 0) {
    return this.env.Hostile.getByName(`chain ${depth}`).chain(depth + 1);
  }

  async spreading(depth = 0) {
    const calls = [];
    for (let i = 0; i < 3; i++) {
      calls.push(this.env.Hostile.getByName(`spread ${(depth * 3 + i) % 40}`).spreading(depth + 1));
    }
    return Promise.all(calls);
  }

  async requests() {
    const answer = await this.env.Hostile.getByName("one").fetch("http://object/");
    return `${answer.status} ${await answer.text()}`;
  }

  fetch(request) {
    return this.env.Hostile.getByName("one").fetch(request);
  }
}

export class Other extends DurableObject {
  each_other(depth) {
    return this.env.Hostile.getByName("one").each_other(depth + 1);
  }
}

export default objectAttack();
