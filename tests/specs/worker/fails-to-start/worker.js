function launch() {
  throw new RangeError("run aground");
}

launch();

export default { fetch: () => new Response("not reached") };
