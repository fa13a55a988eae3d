import { checks, equal, throws } from "../../check.js";

const { subtle } = crypto;
const pattern = (length, seed) => Uint8Array.from({ length }, (_, i) => i * 7 + seed);
const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const unhex = (text) => Uint8Array.from(text.match(/../g), (byte) => parseInt(byte, 16));
const importKey = (bytes) => subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);

// Bytes of key, nonce, additional data and plain text, and what OpenSSL makes of them with a tag of 128 bits.
const SEALED = [
  [16, 1, 0, 16, "c35d708f4ffc298122068a7f0613e117b9c97101a1ec4a5abf7e45492d4f66ab"],
  [16, 8, 20, 60, "81a67f61cda4182c19c1e190d20d90d69b389919603b6c28f00378a1855924ffa5847c3bd2cd1b70b4354a7318adc5348e64721ddb0545349b3f7aaf692a0d8411535621ed76ba3d639b0476"],
  [24, 8, 20, 60, "6535433ae78bfe1b15dda595092f50c1c8ae40ff7b907c9f35aab3e1953c7647da1cd3d634cd83d506847e5fbfe69d49043a1538a0f32d4192995f53b07a519f1cbc7cc6feec1c12228dcd44"],
  [32, 16, 0, 1, "155c8549053c94fd495427391902dd7152"],
  [16, 60, 20, 60, "d6bee7e907e27fcde12b8c9cbef4b93fd5d2b6ce832dfcc6b248a9b5c613da92b89fc34c8c5afa673c183011ec8e7fd7863fa4b2dd27ea7319baa9a0a353382f0741aa9d0ecb2834deb8f0bc"],
  [24, 60, 7, 0, "c9b0a3f3d3160f4b288cde0c7c87ea38"],
  [32, 60, 20, 60, "251fba067a01a4aba155179e6f1ba366cc81fc819226539fa50ed1d00d270a70566578a6cca84eb93e005c904197b46c9444ac6ec89064b5a94ed490a97ad3c520112e7e569ae872526a2933"],
  [32, 128, 33, 100, "9101efd365843b503c61808573a1595469c7e6797459133680e65c26e4810568ee767f2d21ab91887fa29885dd5bd69f70de1e68be14923dfc29659c4fad729d68ad971e8316d43dcecc889324a3e311adc26e5c788fcbdf160d7b425184a15ecbeb8aec0ddc769f23c3bb5c067dc1a1aac7910f"],
  [16, 127, 1, 17, "a4fad668eec7351b12d9ac51387da78fd35ffc02eb070510f5746452c19e547dee"],
];

// McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 4 to 6.
const KEY = unhex("feffe9928665731c6d6a8f9467308308");
const ADDITIONAL = unhex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
const PLAIN = unhex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
const CASES = [
  ["cafebabefacedbaddecaf888", "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47"],
  ["cafebabefacedbad", "61353b4c2806934a777ff51fa22a4755699b2a714fcdc6f83766e5f97b6c742373806900e49f24b22b097544d4896b424989b5e1ebac0f07c23f45983612d2e79e3b0785561be14aaca2fccb"],
  ["9313225df88406e555909c5aff5269aa6a7a9538534f7da1e4c303d2a318a728c3c0c95156809539fcf0e2429a6b525416aedbf5a0de6a57a637b39b", "8ce24998625615b603a033aca13fb894be9112a5c3a211a8ba262a3cca7e2ca701e4a9a4fba43c90ccdcb281d48c7c6fd62875d2aca417034c34aee5619cc5aefffe0bfa462af43c1699d050"],
];

/** Seals and opens with each length of tag. */
async function bothWays(key, iv, additionalData, plain, sealed) {
  for (const tagLength of [128, 120, 112, 104, 96, 64, 32]) {
    const algorithm = { name: "AES-GCM", iv, additionalData, tagLength };
    const cut = sealed.slice(0, plain.length + tagLength / 8);
    equal(hex(await subtle.encrypt(algorithm, key, plain)), hex(cut), `a tag of ${tagLength} bits:`);
    equal(hex(await subtle.decrypt(algorithm, key, cut)), hex(plain));
    cut[cut.length - 1] ^= 1;
    await throws(() => subtle.decrypt(algorithm, key, cut), "OperationError");
  }
}

export default checks({
  "the vectors of the mode's authors": async () => {
    for (const [nonce, sealed] of CASES) await bothWays(await importKey(KEY), unhex(nonce), ADDITIONAL, PLAIN, unhex(sealed));
  },
  "as OpenSSL": async () => {
    for (const [keyBytes, nonceBytes, additionalBytes, plainBytes, sealed] of SEALED) {
      const key = await importKey(pattern(keyBytes, 1));
      await bothWays(key, pattern(nonceBytes, 2), pattern(additionalBytes, 3), pattern(plainBytes, 4), unhex(sealed));
    }
  },
  "buffers and views of every kind": async () => {
    const key = await importKey(KEY);
    const bytes = pattern(24, 9);
    const kinds = [bytes, bytes.buffer, new DataView(bytes.buffer), new Uint32Array(bytes.buffer), new BigInt64Array(bytes.buffer)];
    const sealed = new Set();
    for (const kind of kinds) sealed.add(hex(await subtle.encrypt({ name: "AES-GCM", iv: kind, additionalData: kind }, key, kind)));
    equal(sealed.size, 1);
    const part = { name: "AES-GCM", iv: bytes.subarray(3, 5), additionalData: new DataView(bytes.buffer, 8, 4) };
    const same = { name: "AES-GCM", iv: bytes.slice(3, 5), additionalData: bytes.slice(8, 12) };
    equal(hex(await subtle.encrypt(part, key, bytes)), hex(await subtle.encrypt(same, key, bytes)));
  },
  "an empty nonce, or none": async () => {
    const key = await importKey(KEY);
    await throws(() => subtle.encrypt({ name: "AES-GCM", iv: new Uint8Array() }, key, PLAIN), "OperationError");
    await throws(() => subtle.encrypt({ name: "AES-GCM" }, key, PLAIN), "TypeError");
    await throws(() => subtle.encrypt({ name: "AES-GCM", iv: "text" }, key, PLAIN), "TypeError");
    await throws(() => subtle.encrypt({ name: "AES-GCM", iv: PLAIN }, key, "text"), "TypeError");
  },
});
