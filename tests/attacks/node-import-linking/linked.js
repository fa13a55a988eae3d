import { Buffer } from "node:buffer";
import { ucs2 } from "node:punycode";

export const value = Buffer && ucs2 && "imported";
