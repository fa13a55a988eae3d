const name = (run) => {
  try {
    run();
    return "nothing";
  } catch (error) {
    return error.name;
  }
};

export default {
  fetch() {
    const evil = "a\r\nx-evil: 1";
    const response = new Response(
      [
        name(() => new Headers().set("x-a", evil)),
        name(() => new Response("", { headers: { "x-a": evil } })),
        name(() => Response.json({}, { headers: [["x-a", evil]] })),
      ].join(" "),
    );
    response.headers.set("x-a", "fine\r\n");
    return response;
  },
};
