import { checks, equal, throws } from "../../check.js";

const form = (body, type) => new Response(body, { headers: type ? { "content-type": type } : {} }).formData();

export default checks({
  "other content types": async () => {
    await throws(() => form("a=1", "text/plain"), "TypeError");
    await throws(() => form("a=1", "application/json"), "TypeError");
    await throws(() => form(new Uint8Array([97])), "TypeError");
  },
  "multipart without a boundary": () => throws(() => form("--x--\r\n", "multipart/form-data"), "TypeError"),
  "an empty form": async () => equal([...(await form("--x--\r\n", "multipart/form-data; boundary=x"))], []),
});
