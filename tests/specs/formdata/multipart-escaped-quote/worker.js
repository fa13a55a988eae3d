export default {
  async fetch(request) {
    const form = await request.formData();
    return Response.json([...form].map(([name, value]) => [name, value.name ?? value]));
  },
};
