import { checks, equal } from "../../check.js";

const md5 = async (text) => {
  const buffer = await crypto.subtle.digest("MD5", new TextEncoder().encode(text));
  return [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};

export default checks({
  "the vectors of RFC 1321": async () => {
    equal(await md5(""), "d41d8cd98f00b204e9800998ecf8427e");
    equal(await md5("abc"), "900150983cd24fb0d6963f7d28e17f72");
  },
});
