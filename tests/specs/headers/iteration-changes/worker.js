import { checks, equal } from "../../check.js";

/** What an iterator gives when `change` is made after its first step. */
function changed(change, init = [["b", "1"], ["d", "2"], ["f", ""]]) {
  const headers = new Headers(init);
  const iterator = headers[Symbol.iterator]();
  const seen = [iterator.next().value.join("=")];
  change(headers);
  for (const [name, value] of iterator) seen.push(`${name}=${value}`);
  return seen;
}

export default checks({
  "appended before, at and after the position": () => {
    equal(changed((headers) => headers.append("a", "0")), ["b=1", "b=1", "d=2", "f="]);
    equal(changed((headers) => headers.append("c", "")), ["b=1", "c=", "d=2", "f="]);
    equal(changed((headers) => headers.append("z", "9")), ["b=1", "d=2", "f=", "z=9"]);
  },
  "appended to a name that is there": () => {
    equal(changed((headers) => headers.append("d", "")), ["b=1", "d=2, ", "f="]);
    equal(changed((headers) => headers.append("f", "3")), ["b=1", "d=2", "f=, 3"]);
  },
  "set to another value, and back": () => {
    equal(changed((headers) => headers.set("d", "")), ["b=1", "d=", "f="]);
    equal(changed((headers) => { headers.set("d", "x"); headers.set("d", "2"); }), ["b=1", "d=2", "f="]);
    equal(changed((headers) => headers.set("F", "new")), ["b=1", "d=2", "f=new"]);
  },
  "set over many values of one name": () => {
    equal(changed((headers) => headers.set("d", "one"), [["b", "1"], ["d", ""], ["D", "2"]]), ["b=1", "d=one"]);
  },
  "deleted": () => {
    equal(changed((headers) => headers.delete("b")), ["b=1", "f="]);
    equal(changed((headers) => headers.delete("f")), ["b=1", "d=2"]);
    equal(changed((headers) => { for (const name of ["b", "d", "f"]) headers.delete(name); }), ["b=1"]);
  },
  "deleted and appended again, so that the count is the same": () => {
    equal(changed((headers) => { headers.delete("d"); headers.append("e", "5"); }), ["b=1", "e=5", "f="]);
  },
  "two iterators at once": () => {
    const headers = new Headers([["a", "1"], ["b", ""]]);
    const [one, two] = [headers.entries(), headers.values()];
    equal([one.next().value, two.next().value], [["a", "1"], "1"]);
    headers.set("b", "2");
    equal([two.next().value, one.next().value], ["2", ["b", "2"]]);
  },
  "what is done with a pair changes nothing": () => {
    const headers = new Headers([["a", "1"]]);
    for (const pair of headers) pair[1] = "changed";
    equal([...headers], [["a", "1"]]);
  },
});
