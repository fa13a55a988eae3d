import { checks, equal, throws } from "../../check.js";

const form = (body) => new Response(body, { headers: { "content-type": "multipart/form-data; boundary=x" } }).formData();
const part = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1';

export default checks({
  "whole": async () => equal([...(await form(`${part}\r\n--x--\r\n`))], [["a", "1"]]),
  "broken off in a part": () => throws(() => form(part), "TypeError"),
  "broken off in a head": () => throws(() => form("--x\r\nContent-Disposition: form-data"), "TypeError"),
  "a part without a name": () => throws(() => form("--x\r\nContent-Type: text/plain\r\n\r\n1\r\n--x--\r\n"), "TypeError"),
  "no delimiter at all": () => throws(() => form("text"), "TypeError"),
});
