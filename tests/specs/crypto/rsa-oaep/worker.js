import { checks, equal } from "../../check.js";
import { privateKey, publicKey } from "./keys.js";

const decode = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const label = new TextEncoder().encode("label");
const algorithm = { name: "RSA-OAEP", hash: "SHA-256" };
const secret = () => crypto.subtle.importKey("pkcs8", decode(privateKey), algorithm, false, ["decrypt"]);
// "secret", by another program, with the label above.
const sealed =
  "Uju6plynBLpbigsrOdLelnDEWvlpx1VyOY3nRw54KO71mOSGLTKWdvF4dPJXCrjVoMOX2jfyYIjsl5IYwgAYU4NrRysUV4rkDuwc/u0cXSZf/z5Ub+hKLQE8j8cQ" +
  "t688RmWw8jC3U8b8Wqtx8nU5e/24geYAoZ3Ae+pgvcLBr55ObKcKe9ktQZRcvrF45w40FIM0Xc6U5p1B2DU1r1wGpj4/dIQs6KR5W76KW0jSgzv4GcRtpj5ZtY7E" +
  "zXWsX5un4iZqklZM9V5TyscJycjvpVrJufhETmGcmQdqS8WDLTgQ+xS7ZQBqFSqu+VOfgmcOViZtwt14GUQTeW6XlMmmoA==";

export default checks({
  "a text from elsewhere": async () => {
    const plain = await crypto.subtle.decrypt({ name: "RSA-OAEP", label }, await secret(), decode(sealed));
    equal(new TextDecoder().decode(plain), "secret");
  },
  "one's own, with and without a label": async () => {
    const key = await crypto.subtle.importKey("spki", decode(publicKey), algorithm, false, ["encrypt"]);
    for (const oaep of [{ name: "RSA-OAEP" }, { name: "RSA-OAEP", label }]) {
      const own = await crypto.subtle.encrypt(oaep, key, new Uint8Array([1, 2, 3]));
      equal(own.byteLength, 256);
      equal(new Uint8Array(await crypto.subtle.decrypt(oaep, await secret(), own)), new Uint8Array([1, 2, 3]));
    }
  },
});
