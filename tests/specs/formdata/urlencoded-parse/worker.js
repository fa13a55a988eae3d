export default {
  async fetch(request) {
    return Response.json([...(await request.formData())]);
  },
};
