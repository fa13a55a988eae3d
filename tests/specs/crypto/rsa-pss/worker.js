import { checks, equal } from "../../check.js";
import { privateKey, publicKey } from "./keys.js";

const decode = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const message = new TextEncoder().encode("An edge worker signs this.");
// By another program, with a salt of 32 bytes.
const signature =
  "lnzKZh8++Zni3naqpdV8tSH5OP3P7SqzHuD2t5R9tqAwsgGXHrs2/tJgpzWhSS/ldchkd2Pe+R2sJmChf/0342oRUeDtgHn3ldk3x3v+ol7rkd/3EkNoUtf1cT15" +
  "JpNkN3uEM5JKehIjIhg4Vg5Kqr5aZwwNE+WrCqOxW0iBxFBSqa+ekGMP6GuqfR+supHZcB21I74ETzQAkqSU7m0Jv1WJGSNFYhaaNU+w1aV39keaUZSpxmfySaOM" +
  "MRYxbOzd9PUY0WbOIGqHvd5mD8E7EW9MsYRIDb0ao4r26YMi5VJBLrvnX5Rh/tayMFkBnP2VbNfe47G5Ro6LRfJWpK4ksw==";

export default checks({
  "a signature from elsewhere": async () => {
    const key = await crypto.subtle.importKey("spki", decode(publicKey), { name: "RSA-PSS", hash: "SHA-256" }, false, ["verify"]);
    const verify = (saltLength, data) => crypto.subtle.verify({ name: "RSA-PSS", saltLength }, key, decode(signature), data);
    equal(await verify(32, message), true);
    equal(await verify(20, message), false);
    equal(await verify(32, message.slice(1)), false);
  },
  "a signature of its own, different each time": async () => {
    const algorithm = { name: "RSA-PSS", hash: "SHA-384" };
    const secret = await crypto.subtle.importKey("pkcs8", decode(privateKey), algorithm, false, ["sign"]);
    const open = await crypto.subtle.importKey("spki", decode(publicKey), algorithm, false, ["verify"]);
    const pss = { name: "RSA-PSS", saltLength: 48 };
    const [one, two] = [await crypto.subtle.sign(pss, secret, message), await crypto.subtle.sign(pss, secret, message)];
    equal(new Uint8Array(one).some((byte, at) => byte !== new Uint8Array(two)[at]), true);
    equal(await crypto.subtle.verify(pss, open, one, message), true);
    equal(await crypto.subtle.verify(pss, open, two, message), true);
    equal(await crypto.subtle.verify(pss, open, one, message.slice(1)), false);
  },
});
