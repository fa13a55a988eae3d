import { checks, equal } from "../../check.js";

class Boat {
  #secret = 1;
  name = "Skerry";
  get secret() {
    return this.#secret;
  }
}

export default checks({
  "the class is lost": () => {
    const copy = structuredClone(new Boat());
    equal(Object.getPrototypeOf(copy) === Object.prototype, true);
    equal([copy.name, copy.secret], ["Skerry", undefined]);
  },
  "getters become values": () => {
    const copy = structuredClone({ get now() { return 5; } });
    equal(Object.getOwnPropertyDescriptor(copy, "now"), { value: 5, writable: true, enumerable: true, configurable: true });
  },
  "symbols and hidden properties stay behind, frozen thaws": () => {
    const source = Object.freeze(Object.defineProperty({ [Symbol("s")]: 1, open: 2 }, "hidden", { value: 3 }));
    const copy = structuredClone(source);
    equal(Reflect.ownKeys(copy), ["open"]);
    equal(Object.isFrozen(copy), false);
  },
});
