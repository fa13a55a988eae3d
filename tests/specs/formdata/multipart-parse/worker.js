export default {
  async fetch(request) {
    const found = [];
    for (const [name, value] of await request.formData()) {
      found.push(typeof value === "string" ? [name, value] : [name, value.name, value.type, await value.text()]);
    }
    return Response.json(found);
  },
};
