import { isEven } from "./even.js";

export const isOdd = (n) => n !== 0 && isEven(n - 1);
