import { assert, checks, throws } from "../../check.js";

const first = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x\r\n';
const last = "\r\n\r\n2\r\n--x--\r\n";

async function says(body, text) {
  const headers = { "content-type": "multipart/form-data; boundary=x" };
  const { message } = await throws(() => new Response(body, { headers }).formData(), "TypeError");
  assert(message.includes(text), `expected "${text}" in "${message}"`);
}

export default checks({
  "no boundary": () => says("text", "no delimiter line with its boundary"),
  "no end": () => says('--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1', "breaks off before its closing delimiter"),
  "no disposition": () => says(`${first}Content-Type: text/plain${last}`, "part 2 has no Content-Disposition"),
  "another disposition": () => says(`${first}Content-Disposition: attachment; name="a"${last}`, "part 2 has a Content-Disposition that is not form-data"),
  "no name": () => says(`${first}Content-Disposition: form-data${last}`, "part 2 has a Content-Disposition that is not form-data with a name"),
  "no header": () => says(`${first}header${last}`, "part 2 has a header line without a colon"),
  "half a head": () => says(`${first}Content-Disposition: form-d`, "part 2 breaks off in its head"),
  "a head without end": () => says(`${first}${"a: b\r\n".repeat(200)}${last}`, "part 2 has too large a head"),
});
