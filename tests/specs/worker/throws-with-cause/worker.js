function connect() {
  throw new Error("the line is cut", { cause: new RangeError("the tide is out") });
}

export default {
  fetch(request) {
    if (request.url.endsWith("/several")) {
      throw new AggregateError([new Error("first of them"), new TypeError("second of them")], "all failed");
    }
    connect();
  },
};
