import { checks, equal } from "../../check.js";
import { privateKey, publicKey } from "./keys.js";

const decode = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const encode = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
const message = new TextEncoder().encode("An edge worker signs this.");
const signature =
  "TRlXZcvb26fpMARVI+vZ0BxXE9DqMrYDW+0aefeMQYMmcJ4tXBP/7my/BnlpbxjB5werXF+PcpdWU9G50mj78ZXmyUl0M6dY5wIG0hXhhxLUc8jI7hOXRcn59Opy" +
  "WEWFRYJjAsraJmOVGZbq2X/FKjFOl475f/UEeDXcNU08vSNLpkXxXLZmcKj32EvY/2H9OgekH65Xen3TomDkPOgw08hbcRrtr/g4g7QteOp3fm34claKUyfo1U9l" +
  "2IpR/R5ZERAyWnoebi99dXcdKpZhMl46i8ZgV1D7hz+6q7mkXYg0U9hAaMpgdzQTKugzMYR0lU/7SWS5VL6SKEz+RhRmNQ==";

export default checks({
  "the signature has one value only": async () => {
    const key = await crypto.subtle.importKey("pkcs8", decode(privateKey), algorithm, false, ["sign"]);
    equal(encode(await crypto.subtle.sign("RSASSA-PKCS1-v1_5", key, message)), signature);
  },
  "it is verified with the public key": async () => {
    const key = await crypto.subtle.importKey("spki", decode(publicKey), algorithm, false, ["verify"]);
    equal(await crypto.subtle.verify(algorithm.name, key, decode(signature), message), true);
    equal(await crypto.subtle.verify(algorithm.name, key, decode(signature), message.slice(1)), false);
    equal(await crypto.subtle.verify(algorithm.name, key, new Uint8Array(256), message), false);
  },
  "the imported key tells what it is": async () => {
    const key = await crypto.subtle.importKey("spki", decode(publicKey), algorithm, true, ["verify"]);
    equal([key.type, key.extractable, key.usages], ["public", true, ["verify"]]);
    equal(key.algorithm.name, "RSASSA-PKCS1-v1_5");
    equal([key.algorithm.modulusLength, [...key.algorithm.publicExponent], key.algorithm.hash.name], [2048, [1, 0, 1], "SHA-256"]);
  },
});
