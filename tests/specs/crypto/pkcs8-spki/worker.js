import { checks, equal } from "../../check.js";
import * as rsaKeys from "./keys.js";

const decode = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const encode = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
// Made for tests by another program; they guard nothing.
const privateKey =
  "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDCQ14VAoFj06Xt4G/n0evNm0/LNml92J/OV04VaFBmzWdHeo2Sr0NOSSFAhYugseYihZANiAAQ7D/Qw" +
  "wWacDVPgh+Ur1Fr8LVF/cnXLi4KsXmRxtfvDBf72tiTjPV0OC+2TLRgwsE5Cp5CJJGbkvzz49cuW/LyAIcTfHPrtdCg/9dQt+m06ep3pIjynjCwysVp6gNcw4QI=";
const publicKey =
  "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEOw/0MMFmnA1T4IflK9Ra/C1Rf3J1y4uCrF5kcbX7wwX+9rYk4z1dDgvtky0YMLBOQqeQiSRm5L88+PXLlvy8gCHE3xz6" +
  "7XQoP/XULfptOnqd6SI8p4wsMrFaeoDXMOEC";
const algorithm = { name: "ECDSA", namedCurve: "P-384" };

export default checks({
  "keys from elsewhere belong together and come out unchanged": async () => {
    const secret = await crypto.subtle.importKey("pkcs8", decode(privateKey), algorithm, true, ["sign"]);
    const open = await crypto.subtle.importKey("spki", decode(publicKey), algorithm, true, ["verify"]);
    const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-384" }, secret, new Uint8Array(1));
    equal(await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-384" }, open, signature, new Uint8Array(1)), true);
    equal(encode(await crypto.subtle.exportKey("pkcs8", secret)), privateKey);
    equal(encode(await crypto.subtle.exportKey("spki", open)), publicKey);
  },
  "an RSA pair": async () => {
    const rsa = { name: "RSA-PSS", hash: "SHA-256" };
    const secret = await crypto.subtle.importKey("pkcs8", decode(rsaKeys.privateKey), rsa, true, ["sign"]);
    const open = await crypto.subtle.importKey("spki", decode(rsaKeys.publicKey), rsa, true, ["verify"]);
    equal(encode(await crypto.subtle.exportKey("pkcs8", secret)), rsaKeys.privateKey);
    equal(encode(await crypto.subtle.exportKey("spki", open)), rsaKeys.publicKey);
    equal([secret.type, open.type, open.algorithm.modulusLength], ["private", "public", 2048]);
  },
  "the public point of an elliptic key, raw": async () => {
    const open = await crypto.subtle.importKey("spki", decode(publicKey), algorithm, true, ["verify"]);
    const point = new Uint8Array(await crypto.subtle.exportKey("raw", open));
    equal([point.length, point[0]], [97, 4]);
    equal(encode(point), encode(decode(publicKey).slice(-97)));
  },
});
