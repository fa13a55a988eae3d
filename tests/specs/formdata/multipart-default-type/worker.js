export default {
  async fetch(request) {
    const file = (await request.formData()).get("f");
    return new Response(`${file.name} ${file.type} ${await file.text()}`);
  },
};
