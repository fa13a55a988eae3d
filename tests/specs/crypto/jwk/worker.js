import { checks, equal, throws } from "../../check.js";

export default checks({
  "a secret key": async () => {
    const raw = new Uint8Array(16).fill(0xff);
    const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", true, ["encrypt", "decrypt"]);
    const jwk = await crypto.subtle.exportKey("jwk", key);
    equal([jwk.kty, jwk.k, jwk.alg, jwk.ext], ["oct", "_____________________w", "A128GCM", true]);
    equal([...jwk.key_ops].sort(), ["decrypt", "encrypt"]);
    const again = await crypto.subtle.importKey("jwk", jwk, "AES-GCM", true, ["encrypt"]);
    equal(new Uint8Array(await crypto.subtle.exportKey("raw", again)), raw);
  },
  "an elliptic key, private and public": async () => {
    const algorithm = { name: "ECDSA", namedCurve: "P-384" };
    const { privateKey, publicKey } = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const [secret, open] = [await crypto.subtle.exportKey("jwk", privateKey), await crypto.subtle.exportKey("jwk", publicKey)];
    equal([open.kty, open.crv, open.d, open.x.length], ["EC", "P-384", undefined, 64]);
    equal([secret.x, secret.y, secret.d.length], [open.x, open.y, 64]);
    const again = await crypto.subtle.importKey("jwk", secret, algorithm, false, ["sign"]);
    const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, again, new Uint8Array(3));
    equal(await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, publicKey, signature, new Uint8Array(3)), true);
  },
  "an RSA key": async () => {
    const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
    const { privateKey } = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const jwk = await crypto.subtle.exportKey("jwk", privateKey);
    equal([jwk.kty, jwk.e, jwk.alg], ["RSA", "AQAB", "RS256"]);
    equal(["n", "d", "p", "q", "dp", "dq", "qi"].every((part) => typeof jwk[part] === "string"), true);
  },
  "what does not fit is refused": async () => {
    const jwk = { kty: "oct", k: "AAAAAAAAAAAAAAAAAAAAAA", alg: "A128CBC", ext: false };
    await throws(() => crypto.subtle.importKey("jwk", jwk, "AES-GCM", false, ["encrypt"]), "DataError");
    await throws(() => crypto.subtle.importKey("jwk", jwk, "AES-CBC", true, ["encrypt"]), "DataError");
    equal((await crypto.subtle.importKey("jwk", jwk, "AES-CBC", false, ["encrypt"])).type, "secret");
  },
});
