import { checks, equal, throws } from "../../check.js";

const { subtle } = crypto;
const data = new Uint8Array(16);
const iv = new Uint8Array(12);
const all = ["encrypt", "decrypt", "wrapKey", "unwrapKey"];
const ciphers = [
  { name: "AES-CTR", counter: data, length: 64 },
  { name: "AES-CTR", counter: data, length: 9 },
  { name: "AES-GCM", iv },
  { name: "AES-GCM", iv: data },
  { name: "AES-GCM", iv, tagLength: 32 },
  { name: "AES-CBC", iv: data },
];

/** How often the name of the one algorithm that `run` is given was converted. */
async function conversions(algorithm, run) {
  let count = 0;
  const name = { toString() { count++; return algorithm.name.toLowerCase(); } };
  await run({ ...algorithm, name });
  return count;
}

const once = async (algorithm, run, label = algorithm.name) => equal(await conversions(algorithm, run), 1, label);
const key = (name) => subtle.importKey("raw", data, name, true, all);

export default checks({
  "digest": async () => {
    await once({ name: "SHA-256" }, (algorithm) => subtle.digest(algorithm, data));
    await once({ name: "MD5" }, (algorithm) => subtle.digest(algorithm, data));
  },
  "keys": async () => {
    await once({ name: "AES-CTR" }, (algorithm) => subtle.importKey("raw", data, algorithm, true, all));
    await once({ name: "AES-GCM", length: 128 }, (algorithm) => subtle.generateKey(algorithm, true, all));
    const base = await subtle.importKey("raw", data, "HKDF", false, ["deriveKey", "deriveBits"]);
    const hkdf = { name: "HKDF", hash: "SHA-256", salt: data, info: data };
    await once(hkdf, (algorithm) => subtle.deriveBits(algorithm, base, 128));
    await once(hkdf, (algorithm) => subtle.deriveKey(algorithm, base, { name: "AES-GCM", length: 128 }, true, all));
    await once({ name: "AES-GCM", length: 128 }, (algorithm) => subtle.deriveKey(hkdf, base, algorithm, true, all), "derived");
  },
  "ciphers": async () => {
    for (const cipher of ciphers) {
      let sealed;
      const secret = await key(cipher.name);
      await once(cipher, async (algorithm) => { sealed = await subtle.encrypt(algorithm, secret, data); });
      await once(cipher, (algorithm) => subtle.decrypt(algorithm, secret, sealed));
      await once(cipher, async (algorithm) => { sealed = await subtle.wrapKey("raw", secret, secret, algorithm); });
      await once(cipher, (algorithm) => subtle.unwrapKey("raw", sealed, secret, algorithm, cipher.name, true, all));
      await once({ name: cipher.name }, (algorithm) => subtle.unwrapKey("raw", sealed, secret, cipher, algorithm, true, all));
    }
  },
  "a String object as a name": async () => {
    for (const cipher of ciphers) {
      const algorithm = { ...cipher, name: new String(cipher.name) };
      const sealed = await subtle.encrypt(algorithm, await key(cipher.name), data);
      equal(sealed, await subtle.encrypt(cipher, await key(cipher.name), data));
    }
    equal((await subtle.digest({ name: new String("md5") }, data)).byteLength, 16);
  },
  "an object without a name": async () => {
    for (const algorithm of [{}, { name: undefined }, new String("AES-CTR")]) {
      await throws(() => subtle.digest(algorithm, data), "TypeError");
      await throws(async () => subtle.encrypt(algorithm, await key("AES-CTR"), data), "TypeError");
      await throws(() => subtle.importKey("raw", data, algorithm, true, all), "TypeError");
    }
  },
  "names that nothing has": async () => {
    for (const name of ["AES-XYZ", "", null, 7]) {
      await throws(() => subtle.digest({ name }, data), "NotSupportedError");
      await throws(async () => subtle.encrypt({ name }, await key("AES-CTR"), data));
    }
  },
});
