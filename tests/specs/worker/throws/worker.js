function ebb() {
  throw new RangeError("the tide is out");
}

export default {
  fetch() {
    ebb();
    return new Response("not reached");
  },
};
