import { checks, equal } from "../../check.js";

const bytes = (text) => Uint8Array.from(text.match(/../g) ?? [], (byte) => parseInt(byte, 16));
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const key = (text) => crypto.subtle.importKey("raw", bytes(text), "AES-GCM", false, ["encrypt", "decrypt"]);

// Test case 4 of the paper that defines GCM.
const known = {
  key: "feffe9928665731c6d6a8f9467308308",
  iv: bytes("cafebabefacedbaddecaf888"),
  additionalData: bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
  plain:
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
  sealed:
    "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091" +
    "5bc94fbc3221a5db94fae95ae7121a47",
};

export default checks({
  "a known answer": async () => {
    const { iv, additionalData } = known;
    const algorithm = { name: "AES-GCM", iv, additionalData };
    equal(hex(await crypto.subtle.encrypt(algorithm, await key(known.key), bytes(known.plain))), known.sealed);
    equal(hex(await crypto.subtle.decrypt(algorithm, await key(known.key), bytes(known.sealed))), known.plain);
  },
  "of 256 bits, with nothing to say": async () => {
    const zero = await key("00".repeat(32));
    equal(hex(await crypto.subtle.encrypt({ name: "AES-GCM", iv: new Uint8Array(12) }, zero, new Uint8Array(0))), "530f8afbc74536b9a963b4f1c4cb738b");
  },
});
