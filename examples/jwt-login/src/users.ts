interface User {
  email: string;
  name: string;
  salt: string;
  /** PBKDF2-SHA-256 of the password, in base 64. */
  hash: string;
}

// Ada's password is "correct horse", Grace's "battery staple". Users belong into a database.
const users: User[] = [
  {
    email: "ada@example.com",
    name: "Ada",
    salt: "1RUkVedaACjipAYxdJVnbw==",
    hash: "LNllxNCr93o9HQMooJspLnf6Jf3LYQvDN1ZoL4e6K2w=",
  },
  {
    email: "grace@example.com",
    name: "Grace",
    salt: "HAQNNoOUwZQaMK1qH2fMKw==",
    hash: "AvwdFJlkrCoLr1AMxdVg0oCbe8JJ91VhPDLzYOCN3Tg=",
  },
];

/** Somebody to compare with when there is no such user, so that it takes as long. */
const nobody: User = {
  email: "",
  name: "",
  salt: "AAAAAAAAAAAAAAAAAAAAAA==",
  hash: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
};

/** The user with this email and password, or null. */
export async function checkPassword(email: string, password: string): Promise<User | null> {
  const user = users.find((user) => user.email === email.toLowerCase()) ?? nobody;
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(password), "PBKDF2", false, ["deriveBits"]);
  const derivation = { name: "PBKDF2", hash: "SHA-256", salt: bytes(user.salt), iterations: 100_000 };
  const hash = await crypto.subtle.deriveBits(derivation, key, 256);
  return crypto.subtle.timingSafeEqual(hash, bytes(user.hash)) && user !== nobody ? user : null;
}

function bytes(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
