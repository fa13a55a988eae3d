// A body with a million parts is parsed.

import { attack } from "../attack.js";

export default attack(async () => {
  const part = "--x\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\nb\r\n";
  const body = `${part.repeat(1e6)}--x--\r\n`;
  const headers = { "content-type": "multipart/form-data; boundary=x" };
  return new Response(`${[...(await new Response(body, { headers }).formData())].length}`);
});
